//! From what is recommended to the wire: the cache-setup report.

use common::report::{
    CacheBalance, CacheExportMode, CacheMountUse, CacheSetupData, CacheSnippet, CacheStep, Finding,
    Input, Location, Report, Severity, SnippetPlace, TargetCacheSetup, Tool, Verdict,
};
use common::units::{format_bytes, format_duration};

use crate::analysis::cache_setup::snippets::{GITHUB_MAX_BYTES, Place, snippets};
use crate::analysis::cache_setup::{Balance, Mode, Setup, Why};
use crate::model::ci_build::{CiStep, CiTarget};

/// How many steps are listed for each target.
///
/// Chosen: those that decide; the others have next to no time to save.
const STEPS_MAX: usize = 5;

/// Writes the report. Nothing is required of a build, so the verdict is always `pass`.
pub(crate) fn report(
    targets: &[(&CiTarget, Setup)],
    bandwidth_bytes_per_s: u64,
    received: Vec<Input>,
    created_at: String,
) -> Report<CacheSetupData> {
    let tool = Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let mut findings = Vec::new();
    for (target, setup) in targets {
        findings.extend(cache_mounts_stay(target));
        findings.extend(sizes_not_known(target, setup));
    }
    findings.extend(github_is_full(targets));
    let data = CacheSetupData {
        bandwidth_bytes_per_s,
        targets: targets
            .iter()
            .map(|(target, setup)| target_setup(target, setup))
            .collect(),
        snippets: snippets(targets)
            .into_iter()
            .map(|snippet| CacheSnippet {
                place: place(snippet.place),
                text: snippet.text,
            })
            .collect(),
    };
    Report::new(tool, created_at, Verdict::Pass, received, findings, data)
}

fn target_setup(target: &CiTarget, setup: &Setup) -> TargetCacheSetup {
    TargetCacheSetup {
        target: target.name.clone(),
        mode: mode(setup.mode),
        reason: reason(setup),
        scope: setup.scope.clone(),
        build_count: target.build_count,
        reuse_ratio: setup
            .reuse_ratio
            .map(|ratio| (ratio * 1000.0).round() / 1000.0),
        min: balance(setup.min),
        max: balance(setup.max),
        are_sizes_known: setup.are_sizes_known,
        steps: steps(target),
        cache_mounts: cache_mounts(target),
    }
}

fn mode(mode: Mode) -> CacheExportMode {
    match mode {
        Mode::None => CacheExportMode::None,
        Mode::Inline => CacheExportMode::Inline,
        Mode::Min => CacheExportMode::Min,
        Mode::Max => CacheExportMode::Max,
    }
}

fn place(place: Place) -> SnippetPlace {
    match place {
        Place::GitHubActions => SnippetPlace::GithubActions,
        Place::GitLabCi => SnippetPlace::GitlabCi,
        Place::Shell => SnippetPlace::Shell,
    }
}

fn balance(balance: Balance) -> CacheBalance {
    CacheBalance {
        size_bytes: balance.size_bytes,
        saved_ms: balance.saved_ms,
        transfer_ms: balance.transfer_ms,
    }
}

fn reason(setup: &Setup) -> String {
    let (min, max) = (setup.min, setup.max);
    let saved = format_duration(max.saved_ms);
    match setup.why {
        Why::NothingExpensive => {
            format!("a cache would save {saved} a run, which is not worth setting up")
        }
        Why::CostsMore => format!(
            "a cache would save {saved} a run, and its {} take {} on their way",
            format_bytes(max.size_bytes),
            format_duration(max.transfer_ms)
        ),
        Why::OtherStages => format!(
            "{} of {saved} a run are saved in stages that are not in the image, which only `mode=max` exports",
            format_duration(max.saved_ms - min.saved_ms)
        ),
        Why::ImageStages => format!(
            "{} of {saved} a run are saved in stages that are in the image, so that the others are not worth {}",
            format_duration(min.saved_ms),
            format_duration(max.transfer_ms - min.transfer_ms)
        ),
    }
}

fn steps(target: &CiTarget) -> Vec<CacheStep> {
    let mut steps: Vec<&CiStep> = target
        .steps
        .iter()
        .filter(|step| step.duration_ms > Some(0))
        .collect();
    steps.sort_by_key(|step| std::cmp::Reverse(step.duration_ms));
    let step = |step: &CiStep| CacheStep {
        stage: step.name.stage.clone(),
        text: step.name.text.clone(),
        is_in_image: step.is_in_image,
        duration_ms: step.duration_ms.unwrap_or(0),
        reused_count: step.reused_count,
    };
    steps.into_iter().take(STEPS_MAX).map(step).collect()
}

fn cache_mounts(target: &CiTarget) -> Vec<CacheMountUse> {
    let uses = target.steps.iter().flat_map(|step| {
        let location = step.place.as_ref().map(|(path, line)| Location {
            path: path.clone(),
            line: *line,
        });
        step.cache_mounts.iter().map(move |path| CacheMountUse {
            path: path.clone(),
            location: location.clone(),
        })
    });
    uses.collect()
}

fn finding(
    rule: &str,
    severity: Severity,
    target: &CiTarget,
    message: String,
    advice: &str,
) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message,
        advice: Some(advice.to_owned()),
        location: None,
        subject: Some(target.name.clone()),
        saving: None,
    }
}

/// Source: moby/buildkit#1474, docker/build-push-action#1011
fn cache_mounts_stay(target: &CiTarget) -> Vec<Finding> {
    let mounts = cache_mounts(target).into_iter().map(|mount| Finding {
        location: mount.location,
        ..finding(
            "cache-mount-not-exported",
            Severity::Warning,
            target,
            format!("no export takes along what is in the cache mount `{}`: it is empty in each run on a new machine", mount.path),
            "install dependencies in a step of their own, which is exported as a layer; or carry the mount with reproducible-containers/buildkit-cache-dance; or keep the builder",
        )
    });
    mounts.collect()
}

fn sizes_not_known(target: &CiTarget, setup: &Setup) -> Option<Finding> {
    let is_wanted = setup.mode == Mode::Max && !setup.are_sizes_known;
    is_wanted.then(|| {
        finding(
            "size-not-known",
            Severity::Note,
            target,
            "how large the layers of stages are that are not in the image is not known, so that sending them may cost more than it saves".to_owned(),
            "put `cache-optimizer prune --history DIR` into the pipe before this, which reads their sizes from the Engine that built",
        )
    })
}

/// Source: research/cache.md section 3, 33
fn github_is_full(targets: &[(&CiTarget, Setup)]) -> Option<Finding> {
    let sizes = targets.iter().filter(|(_, setup)| setup.mode == Mode::Max);
    let size_bytes: u64 = sizes.map(|(_, setup)| setup.max.size_bytes).sum();
    let (target, _) = targets.first().filter(|_| size_bytes > GITHUB_MAX_BYTES)?;
    let mut finding = finding(
        "github-cache-full",
        Severity::Warning,
        target,
        format!(
            "all caches together have {}, and GitHub keeps {} of a repository",
            format_bytes(size_bytes),
            format_bytes(GITHUB_MAX_BYTES)
        ),
        "keep them in a registry, as the snippet does",
    );
    finding.subject = None;
    Some(finding)
}
