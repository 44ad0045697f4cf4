//! From what builds showed to the wire: the verification report.

use common::report::{
    ChangeOrigin, DIFFERENCES_MAX, Finding, ImageComparison, ImageDifference, ImageDifferenceKind,
    Input, Location, MendedFinding, PatchVerdict, RanStep, Rebuilds, Replay, ReplayedChange,
    Report, Severity, Tool, Verdict, VerificationData, VerifiedDockerfile, VerifiedPatch,
};
use std::time::Duration;

use crate::analysis::proof::{self, Proof, median_ms, most_saved_ms, saved_ms, without_noise};
use crate::model::recipe::Recipe;
use crate::model::trial::{self, Difference, Measured, Origin, Patch, Ran, Rebuild, Trial};

/// What bounded the measuring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// How often each rebuild was to be measured.
    pub(crate) run_count: u32,
    /// How long it might take.
    pub(crate) time_limit: Option<Duration>,
    /// How long it took.
    pub(crate) duration: Duration,
    /// Whether it was broken off.
    pub(crate) is_stopped: bool,
}

/// Writes the report. Its verdict is `fail` when a Dockerfile or a patch does not build or a patch
/// changes the image, and `incomplete` when not all was measured.
pub(crate) fn report(
    measured: &[Measured<'_>],
    bounds: Bounds,
    mut inputs: Vec<Input>,
    created_at: String,
) -> Report<VerificationData> {
    let tool = Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    inputs.extend(measured.iter().map(|one| Input {
        kind: "dockerfile".to_owned(),
        id: one.recipe.path.clone(),
    }));
    let data = VerificationData {
        run_count: bounds.run_count,
        time_limit_ms: bounds.time_limit.map(milliseconds),
        duration_ms: milliseconds(bounds.duration),
        dockerfiles: measured.iter().map(dockerfile).collect(),
    };
    let verdict = verdict(&data, bounds.is_stopped);
    let findings = data.dockerfiles.iter().flat_map(findings).collect();
    Report::new(tool, created_at, verdict, inputs, findings, data)
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn verdict(data: &VerificationData, is_stopped: bool) -> Verdict {
    let mut patches = data.dockerfiles.iter().flat_map(|one| &one.patches);
    let is_bad = |patch: &VerifiedPatch| {
        matches!(
            patch.verdict,
            PatchVerdict::ImageDiffers | PatchVerdict::DoesNotBuild
        )
    };
    if data.dockerfiles.iter().any(|one| one.error.is_some()) || patches.any(is_bad) {
        Verdict::Fail
    } else if is_stopped {
        Verdict::Incomplete
    } else {
        Verdict::Pass
    }
}

fn dockerfile(measured: &Measured<'_>) -> VerifiedDockerfile {
    let baseline = &measured.baseline;
    let noise = baseline.noise.as_deref();
    let patches = measured.patches.iter();
    VerifiedDockerfile {
        path: measured.recipe.path.clone(),
        context_path: measured.recipe.context.dir.clone(),
        stage: measured.stage.clone(),
        cold_ms: baseline
            .cold
            .iter()
            .map(|build| build.duration_ms)
            .collect(),
        warm_ms: baseline.warm.as_ref().map(|build| build.duration_ms),
        noise: noise.map(|found| comparison(found, &[])),
        patches: patches
            .map(|(patch, trial)| {
                verified(measured.recipe, patch, trial, noise.unwrap_or_default())
            })
            .collect(),
        error: baseline.error.clone(),
    }
}

fn verified(recipe: &Recipe, patch: &Patch, trial: &Trial, noise: &[Difference]) -> VerifiedPatch {
    let mends = patch.mends.iter().map(|&(rule, line)| MendedFinding {
        rule: rule.to_owned(),
        location: Location {
            path: recipe.path.clone(),
            line,
        },
    });
    let replays = trial.replays.iter();
    VerifiedPatch {
        verdict: match proof::proof(trial, noise) {
            Proof::Saves => PatchVerdict::Saves,
            Proof::SavesNothing => PatchVerdict::SavesNothing,
            Proof::ImageDiffers => PatchVerdict::ImageDiffers,
            Proof::DoesNotBuild => PatchVerdict::DoesNotBuild,
            Proof::NotMeasured => PatchVerdict::NotMeasured,
        },
        mends: mends.collect(),
        made_by_hand: patch.made_by_hand.clone(),
        diff: patch.diff.clone(),
        expected_ms: patch.expected_ms,
        saved_ms: most_saved_ms(trial),
        cold_ms: trial.cold.as_ref().map(|build| build.duration_ms),
        warm_ms: trial.warm.as_ref().map(|build| build.duration_ms),
        image: trial
            .differences
            .as_deref()
            .map(|found| comparison(found, noise)),
        replays: replays.map(|one| replay(one, noise)).collect(),
        error: trial.error.clone(),
        not_measured: trial.not_measured.clone(),
    }
}

fn comparison(found: &[Difference], noise: &[Difference]) -> ImageComparison {
    let found = without_noise(found, noise);
    ImageComparison {
        is_same: found.is_empty(),
        omitted_count: found.len().saturating_sub(DIFFERENCES_MAX) as u64,
        differences: found
            .into_iter()
            .take(DIFFERENCES_MAX)
            .map(difference)
            .collect(),
    }
}

fn difference(found: Difference) -> ImageDifference {
    ImageDifference {
        kind: if found.is_setting {
            ImageDifferenceKind::Setting
        } else {
            ImageDifferenceKind::Path
        },
        name: found.name,
        detail: found.detail,
    }
}

fn replay(replay: &trial::Replay, noise: &[Difference]) -> Replay {
    let origin = match &replay.change.origin {
        Origin::Given => ChangeOrigin::Given,
        Origin::Chosen => ChangeOrigin::Chosen,
        Origin::Commit { id, subject } => ChangeOrigin::Commit {
            id: id.clone(),
            subject: subject.clone(),
        },
    };
    Replay {
        change: ReplayedChange {
            origin,
            paths: replay.change.paths.clone(),
        },
        original: rebuilds(&replay.original),
        patched: rebuilds(&replay.patched),
        saved_ms: saved_ms(replay),
        image: replay
            .differences
            .as_deref()
            .map(|found| comparison(found, noise)),
    }
}

fn rebuilds(builds: &[Rebuild]) -> Rebuilds {
    let ran = |ran: &Ran| RanStep {
        name: ran.name.clone(),
        line: ran.line,
        duration_ms: ran.duration_ms,
    };
    Rebuilds {
        runs_ms: builds.iter().map(|build| build.duration_ms).collect(),
        median_ms: median_ms(builds),
        ran: builds
            .last()
            .map(|build| build.ran.iter().map(ran).collect())
            .unwrap_or_default(),
    }
}

fn findings(dockerfile: &VerifiedDockerfile) -> Vec<Finding> {
    if dockerfile.error.is_none() {
        let patches = dockerfile.patches.iter();
        let findings = patches.filter_map(|patch| finding(&dockerfile.path, patch));
        return findings.collect();
    }
    vec![Finding {
        rule: "dockerfile-does-not-build".to_owned(),
        severity: Severity::Error,
        message: "the Dockerfile does not build as it is, so no patch of it is measured".to_owned(),
        advice: None,
        location: Some(Location {
            path: dockerfile.path.clone(),
            line: 1,
        }),
        subject: None,
        saving: None,
    }]
}

/// What is to be said of a patch. `None` when it does what it promised.
fn finding(path: &str, patch: &VerifiedPatch) -> Option<Finding> {
    let (rule, severity, message, advice) = match patch.verdict {
        PatchVerdict::Saves => return None,
        PatchVerdict::NotMeasured => (
            "patch-not-measured",
            Severity::Note,
            format!(
                "it is not known what {} saves; not measured: {}",
                title(patch),
                patch.not_measured.first().map_or("", String::as_str)
            ),
            "give it more time, or a change with `--change`",
        ),
        PatchVerdict::SavesNothing => (
            "patch-saves-nothing",
            Severity::Warning,
            format!(
                "{} saves no time in any rebuild that was measured",
                title(patch)
            ),
            "leave it out, or measure the change that it is meant for with `--change`",
        ),
        PatchVerdict::ImageDiffers => (
            "patch-changes-image",
            Severity::Error,
            format!(
                "{} changes the image: {}",
                title(patch),
                first_difference(patch)
            ),
            "do not apply it",
        ),
        PatchVerdict::DoesNotBuild => (
            "patch-does-not-build",
            Severity::Error,
            format!("with {} the Dockerfile does not build", title(patch)),
            "do not apply it",
        ),
    };
    let location = patch.mends.first().map(|mended| mended.location.clone());
    Some(Finding {
        rule: rule.to_owned(),
        severity,
        message,
        advice: Some(advice.to_owned()),
        location: location.or_else(|| {
            Some(Location {
                path: path.to_owned(),
                line: 1,
            })
        }),
        subject: None,
        saving: None,
    })
}

fn title(patch: &VerifiedPatch) -> String {
    let rules: Vec<_> = patch
        .mends
        .iter()
        .map(|one| format!("`{}`", one.rule))
        .collect();
    match &patch.made_by_hand {
        Some(path) => format!("`{path}`"),
        None => format!("the patch of {}", rules.join(" and ")),
    }
}

fn first_difference(patch: &VerifiedPatch) -> String {
    let after = patch.replays.iter().filter_map(|replay| {
        let found = replay.image.as_ref()?.differences.first()?;
        let paths = replay.change.paths.join(", ");
        Some(format!(
            "after a change of `{paths}`, `{}` has {}",
            found.name, found.detail
        ))
    });
    let cold = patch.image.iter().flat_map(|image| &image.differences);
    let cold = cold.map(|found| format!("`{}`: {}", found.name, found.detail));
    cold.chain(after).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::recipe;
    use crate::model::trial::{Baseline, Change};

    const BOUNDS: Bounds = Bounds {
        run_count: 1,
        time_limit: Some(Duration::from_mins(1)),
        duration: Duration::from_millis(1500),
        is_stopped: false,
    };

    fn took(duration_ms: u64) -> Rebuild {
        Rebuild {
            duration_ms,
            ran: Vec::new(),
        }
    }

    fn path(name: &str) -> Difference {
        Difference {
            is_setting: false,
            name: name.to_owned(),
            detail: "another content".to_owned(),
        }
    }

    fn patch() -> Patch {
        Patch {
            mends: vec![("copy-before-install", 2)],
            made_by_hand: None,
            dockerfile: String::new(),
            ignore_text: String::new(),
            diff: String::new(),
            expected_ms: Some(900),
            changes: Vec::new(),
        }
    }

    /// A patch after which rebuilds take 100 instead of 1000 ms.
    fn trial(differences: Vec<Difference>) -> Trial {
        let replay = trial::Replay {
            change: Change {
                origin: Origin::Chosen,
                paths: vec!["a.js".to_owned()],
            },
            original: vec![took(1000)],
            patched: vec![took(100)],
            differences: Some(Vec::new()),
        };
        Trial {
            cold: Some(took(2000)),
            differences: Some(differences),
            replays: vec![replay],
            ..Trial::default()
        }
    }

    fn reported(
        baseline: Baseline,
        trials: Vec<Trial>,
        bounds: Bounds,
    ) -> Report<VerificationData> {
        let recipe = recipe("FROM a\nCOPY . .\nRUN npm ci\n");
        let measured = [Measured {
            recipe: &recipe,
            stage: None,
            baseline,
            patches: trials.into_iter().map(|trial| (patch(), trial)).collect(),
        }];
        let time = "2026-01-01T00:00:00.000Z".to_owned();
        report(&measured, bounds, Vec::new(), time)
    }

    fn noise(differences: Vec<Difference>) -> Baseline {
        Baseline {
            noise: Some(differences),
            ..Baseline::default()
        }
    }

    #[test]
    fn a_patch_that_saves_has_no_finding() {
        let report = reported(noise(Vec::new()), vec![trial(Vec::new())], BOUNDS);
        assert_eq!(report.verdict, Verdict::Pass);
        assert_eq!(report.findings, []);
        assert_eq!(report.data.time_limit_ms, Some(60_000));
        let patch = &report.data.dockerfiles[0].patches[0];
        assert_eq!(patch.verdict, PatchVerdict::Saves);
        assert_eq!((patch.expected_ms, patch.saved_ms), (Some(900), Some(900)));
        assert_eq!(patch.replays[0].saved_ms, Some(900));
    }

    #[test]
    fn a_difference_that_is_no_noise_fails_and_is_named() {
        let found = vec![path("log"), path("app")];
        let report = reported(noise(vec![path("log")]), vec![trial(found)], BOUNDS);
        assert_eq!(report.verdict, Verdict::Fail);
        let expected =
            "the patch of `copy-before-install` changes the image: `app`: another content";
        assert_eq!(report.findings[0].message, expected);
        let image = report.data.dockerfiles[0].patches[0].image.clone().unwrap();
        assert_eq!(image.differences.len(), 1);
    }

    #[test]
    fn differences_past_the_limit_are_counted() {
        let found: Vec<_> = (0..60).map(|n| path(&format!("{n:02}"))).collect();
        let compared = comparison(&found, &[]);
        assert_eq!(compared.differences.len(), 50);
        assert_eq!((compared.is_same, compared.omitted_count), (false, 10));
    }

    #[test]
    fn what_was_broken_off_is_incomplete_unless_something_is_wrong() {
        let stopped = Bounds {
            is_stopped: true,
            ..BOUNDS
        };
        let missing = Trial {
            not_measured: vec!["a warm build".to_owned()],
            ..Trial::default()
        };
        let report = reported(noise(Vec::new()), vec![missing.clone()], stopped);
        assert_eq!(report.verdict, Verdict::Incomplete);
        assert_eq!(report.findings[0].rule, "patch-not-measured");
        let broken = trial(vec![path("app")]);
        let report = reported(noise(Vec::new()), vec![missing, broken], stopped);
        assert_eq!(report.verdict, Verdict::Fail);
    }

    #[test]
    fn a_dockerfile_that_does_not_build_fails_without_a_word_on_its_patches() {
        let broken = Baseline {
            error: Some("exit code 1".to_owned()),
            ..Baseline::default()
        };
        let report = reported(broken, vec![Trial::default()], BOUNDS);
        assert_eq!(report.verdict, Verdict::Fail);
        let rules: Vec<_> = report
            .findings
            .iter()
            .map(|one| one.rule.as_str())
            .collect();
        assert_eq!(rules, ["dockerfile-does-not-build"]);
    }
}
