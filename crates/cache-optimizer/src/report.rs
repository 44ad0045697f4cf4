//! From what was found to the wire: the cache report.

mod advice;
pub(crate) mod cache_setup;
mod misses;
pub(crate) mod prune;
pub(crate) mod rebuild;
pub(crate) mod verification;

use common::report::{CacheData, Input, Report, TargetCache, Tool, Verdict};
use common::units::ratio;

use crate::analysis::suspicion::suspicious_hits;
use crate::analysis::tally::tally;
use crate::analysis::{self, findings};
use crate::model::build::{Build, Target};
use crate::model::recipe::Recipe;

/// What a cache report is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sources<'a> {
    /// The build. `None` when only Dockerfiles are checked.
    pub(crate) build: Option<&'a Build>,
    /// The earlier build that misses are explained by.
    pub(crate) baseline: Option<&'a Build>,
    /// The Dockerfiles.
    pub(crate) recipes: &'a [Recipe],
}

/// Writes the report. `received` are the inputs that came as reports. Nothing is required of a build
/// yet, so the verdict is always `pass`.
pub(crate) fn report(
    sources: Sources<'_>,
    received: Vec<Input>,
    created_at: String,
) -> Report<CacheData> {
    let tool = Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let findings = findings::findings(sources.recipes, sources.build);
    let advice = findings.iter().filter_map(advice::advice).collect();
    let data = CacheData {
        advice,
        ..data(sources)
    };
    let stale = data.suspicious_hits.iter().map(misses::stale_finding);
    let rules = findings.iter().map(advice::finding);
    Report::new(
        tool,
        created_at,
        Verdict::Pass,
        inputs(sources, received),
        stale.chain(rules).collect(),
        data,
    )
}

fn inputs(sources: Sources<'_>, mut inputs: Vec<Input>) -> Vec<Input> {
    let input = |kind: &str, id: &str| Input {
        kind: kind.to_owned(),
        id: id.to_owned(),
    };
    inputs.extend(
        sources
            .baseline
            .map(|baseline| input("report", &baseline.id)),
    );
    inputs.extend(
        sources
            .recipes
            .iter()
            .map(|recipe| input("dockerfile", &recipe.path)),
    );
    inputs
}

fn data(sources: Sources<'_>) -> CacheData {
    let Some(build) = sources.build else {
        return CacheData::default();
    };
    let missed = analysis::misses::misses(build, sources.baseline);
    let baseline = sources.baseline;
    let suspicious = baseline.map(|baseline| suspicious_hits(build, baseline));
    CacheData {
        baseline: sources.baseline.map(|baseline| baseline.id.clone()),
        targets: build.targets.iter().map(target_cache).collect(),
        misses: missed.into_iter().map(misses::miss).collect(),
        suspicious_hits: suspicious
            .into_iter()
            .flatten()
            .map(misses::suspicious_hit)
            .collect(),
        ..CacheData::default()
    }
}

fn target_cache(target: &Target) -> TargetCache {
    let tally = tally(target);
    let step_count = u64::from(tally.hit_count) + u64::from(tally.miss_count);
    TargetCache {
        target: target.name.clone(),
        hit_count: tally.hit_count,
        miss_count: tally.miss_count,
        hit_ratio: ratio(tally.hit_count.into(), step_count),
        missed_ms: tally.missed_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{build, cached, ran, recipe, target};

    const TIME: &str = "2026-01-01T00:00:00.000Z";

    #[test]
    fn a_target_has_the_ratio_of_its_hits() {
        let mut idle = target([]);
        idle.name = "idle".to_owned();
        let build = build([target([cached("RUN a"), ran("RUN b", 5)]), idle]);
        let sources = Sources {
            build: Some(&build),
            baseline: None,
            recipes: &[],
        };
        let report = report(sources, Vec::new(), TIME.to_owned());
        let ratios: Vec<_> = report.data.targets.iter().map(|t| t.hit_ratio).collect();
        assert_eq!(ratios, [Some(0.5), None]);
        assert_eq!(report.data.misses.len(), 1);
    }

    #[test]
    fn a_dockerfile_alone_gives_findings_and_no_targets() {
        let recipe = Recipe {
            path: "web/Dockerfile".to_owned(),
            ..recipe("FROM a:1\nCOPY . .\nRUN --mount=type=cache,target=/root npm ci\n")
        };
        let sources = Sources {
            build: None,
            baseline: None,
            recipes: &[recipe],
        };
        let report = report(sources, Vec::new(), TIME.to_owned());
        assert_eq!(
            (report.data.targets.len(), report.data.misses.len()),
            (0, 0)
        );
        assert_eq!(report.inputs[0].kind, "dockerfile");
        let finding = &report.findings[0];
        assert_eq!(finding.location.as_ref().unwrap().path, "web/Dockerfile");
        assert_eq!((&finding.subject, finding.saving), (&None, None));
    }

    #[test]
    fn the_earlier_build_is_named_as_baseline_and_input() {
        let build = build([target([ran("RUN a", 5)])]);
        let mut baseline = build.clone();
        baseline.id = "sha256:0".to_owned();
        let sources = Sources {
            build: Some(&build),
            baseline: Some(&baseline),
            recipes: &[],
        };
        let report = report(sources, Vec::new(), TIME.to_owned());
        assert_eq!(report.data.baseline.as_deref(), Some("sha256:0"));
        assert_eq!(report.inputs[0].id, "sha256:0");
    }
}
