//! From the outcome of a build to its report.

use common::report::{
    BuildData, BuildTotals, ContextInfo, CriticalStep, EngineInfo, ErrorKind, ExportedFile,
    Finding, ImageInfo, Location, LostTime, PushedImage, Severity, StageImage, StepBuild, StepKind,
    TargetBuild, TargetPlan, TargetStatus, Verdict,
};

use super::inputs::{context_files, run_inputs};
use super::warnings::warnings;
use crate::analysis::base_images::add_base_digests;
use crate::analysis::context_files::add_context_files;
use crate::analysis::critical_path::{Link, TargetSteps, critical_path};
use crate::analysis::lost_time::{self, lost_time};
use crate::analysis::run_inputs::add_run_inputs;
use crate::analysis::sharing::mark_shared;
use crate::analysis::steps::steps;
use crate::model::context::{ContextScan, EntryKind};
use crate::model::outcome::{
    self, BuildOutcome, Exported, Image, Pushed, Status, TargetErrorKind, TargetOutcome,
};
use crate::model::plan::{Plan, Target};
use crate::model::step::{Step, StepKind as ModelKind};

/// How the build was asked for, for the report.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The Engine that built.
    pub(crate) engine: EngineInfo,
    /// How many targets were allowed to build at once.
    pub(crate) parallel_max: u32,
    /// Whether the cache was switched off.
    pub(crate) no_cache: bool,
    /// Which lists of files the report holds.
    pub(crate) lists: FileLists,
}

/// Which lists of the files that a step takes a report holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileLists {
    /// Those that are short enough to be read in it.
    Short,
    /// All, to be put elsewhere.
    All,
}

/// The verdict on a build.
pub(crate) fn verdict(outcome: &BuildOutcome) -> Verdict {
    let is_built = |target: &TargetOutcome| target.status == Status::Built;
    if outcome.targets.iter().all(is_built) {
        Verdict::Pass
    } else if outcome.interrupted {
        Verdict::Incomplete
    } else {
        Verdict::Fail
    }
}

/// The body of the report, and what its reader should look at. `plans` are the targets as the
/// report shows them, in the plan's order.
pub(crate) fn build_data(
    plan: &Plan,
    plans: Vec<TargetPlan>,
    outcome: &BuildOutcome,
    settings: Settings,
) -> (BuildData, Vec<Finding>) {
    let pairs = || plan.targets.iter().zip(&outcome.targets);
    let mut steps: Vec<Vec<Step>> = pairs()
        .map(|(target, outcome)| target_steps(target, outcome))
        .collect();
    mark_shared(&plan.targets, &mut steps);
    let timed: Vec<TargetSteps<'_>> = pairs()
        .zip(&steps)
        .map(|((target, outcome), steps)| TargetSteps {
            name: &target.name,
            steps,
            depends_on: &target.depends_on,
            started_ms: outcome.started_ms.unwrap_or_default(),
        })
        .collect();
    let critical_path = critical_path(&timed)
        .into_iter()
        .map(critical_step)
        .collect();
    let targets: Vec<TargetBuild> = pairs()
        .zip(plans)
        .zip(steps)
        .map(|(((target, outcome), plan), steps)| {
            let steps = steps.into_iter();
            let steps = steps.map(|step| step_build(step, target, &plan, settings.lists));
            target_build(outcome, steps.collect(), plan)
        })
        .collect();
    let mut findings: Vec<Finding> = targets.iter().flat_map(failures).collect();
    findings.extend(pairs().flat_map(|(target, outcome)| warnings(target, outcome)));
    let data = BuildData {
        engine: settings.engine,
        parallel_max: settings.parallel_max,
        no_cache: settings.no_cache,
        totals: totals(&targets, outcome.duration_ms),
        targets,
        critical_path,
    };
    (data, findings)
}

fn target_steps(target: &Target, outcome: &TargetOutcome) -> Vec<Step> {
    let mut steps = steps(&target.name, &target.dockerfile, &outcome.vertexes);
    if let Some(context) = &outcome.context {
        add_context_files(&mut steps, context);
    }
    add_run_inputs(&mut steps, target, &outcome.bases);
    add_base_digests(&mut steps, &outcome.bases);
    steps
}

fn target_build(outcome: &TargetOutcome, steps: Vec<StepBuild>, plan: TargetPlan) -> TargetBuild {
    TargetBuild {
        status: match outcome.status {
            Status::Built => TargetStatus::Built,
            Status::Failed => TargetStatus::Failed,
            Status::Skipped => TargetStatus::Skipped,
            Status::Cancelled => TargetStatus::Cancelled,
        },
        started_ms: outcome.started_ms,
        duration_ms: outcome.duration_ms,
        image: outcome.image.as_ref().map(image),
        context: context(outcome.context.as_deref(), outcome.sent_bytes),
        steps,
        error: outcome.error.as_ref().map(|error| error.message.clone()),
        error_kind: outcome.error.as_ref().map(|error| error_kind(error.kind)),
        attempt_count: outcome.attempt_count,
        pushed: outcome.pushed.iter().map(pushed).collect(),
        exported: outcome.exported.iter().map(exported).collect(),
        lost: lost(lost_time(outcome)),
        stage_images: outcome.stage_images.iter().map(stage_image).collect(),
        plan,
    }
}

fn lost(time: lost_time::LostTime) -> LostTime {
    LostTime {
        dependencies_ms: time.dependencies_ms,
        slot_ms: time.slot_ms,
        transfer_ms: time.transfer_ms,
        export_ms: time.export_ms,
    }
}

fn error_kind(kind: TargetErrorKind) -> ErrorKind {
    match kind {
        TargetErrorKind::Build => ErrorKind::Build,
        TargetErrorKind::Transient => ErrorKind::Transient,
        TargetErrorKind::Timeout => ErrorKind::Timeout,
        TargetErrorKind::Unsupported => ErrorKind::Unsupported,
        TargetErrorKind::Unavailable => ErrorKind::Unavailable,
    }
}

fn pushed(image: &Pushed) -> PushedImage {
    PushedImage {
        name: image.name.clone(),
        digest: image.digest.clone(),
    }
}

fn stage_image(image: &outcome::StageImage) -> StageImage {
    StageImage {
        stage: u32::try_from(image.stage).unwrap_or(u32::MAX),
        image_id: image.image_id.clone(),
    }
}

fn exported(written: &Exported) -> ExportedFile {
    ExportedFile {
        kind: written.kind.clone(),
        path: written.path.display().to_string(),
        size_bytes: written.size_bytes,
    }
}

fn image(image: &Image) -> ImageInfo {
    ImageInfo {
        id: image.id.clone(),
        size_bytes: image.size_bytes,
        platform: image.platform.clone(),
    }
}

fn context(scan: Option<&ContextScan>, sent_bytes: u64) -> ContextInfo {
    let entries = scan.map_or(&[][..], |scan| &scan.entries);
    let files = || {
        entries
            .iter()
            .filter(|entry| entry.kind != EntryKind::Directory)
    };
    ContextInfo {
        file_count: files().count() as u64,
        size_bytes: files().map(|entry| entry.size_bytes).sum(),
        sent_bytes,
    }
}

fn step_build(step: Step, target: &Target, plan: &TargetPlan, lists: FileLists) -> StepBuild {
    let (error, log_tail) = match step.failure {
        Some(failure) => (Some(failure.message), failure.log_tail),
        None => (None, Vec::new()),
    };
    let location = |line| Location {
        path: plan.dockerfile_path.clone(),
        line,
    };
    StepBuild {
        id: step.id,
        kind: match step.kind {
            ModelKind::Instruction => StepKind::Instruction,
            ModelKind::Base => StepKind::Base,
            ModelKind::Internal => StepKind::Internal,
            ModelKind::Export => StepKind::Export,
        },
        stage: step.stage,
        name: step.name,
        location: step.line.map(location),
        cached: step.cached,
        shared_with: step.shared_with,
        started_ms: step.started_ms,
        duration_ms: step.duration_ms,
        depends_on: step.depends_on,
        context_files: step
            .context_files
            .and_then(|files| context_files(&files, lists)),
        log_tail,
        error,
        run: step.run.map(|run| run_inputs(run, &target.build_args)),
        base_digest: step.base_digest,
    }
}

fn critical_step(link: Link) -> CriticalStep {
    CriticalStep {
        step: link.step,
        duration_ms: link.duration_ms,
        waited_ms: link.waited_ms,
    }
}

fn totals(targets: &[TargetBuild], duration_ms: u64) -> BuildTotals {
    let built = targets
        .iter()
        .filter(|target| target.status == TargetStatus::Built);
    let steps = || targets.iter().flat_map(|target| &target.steps);
    let instructions = || {
        let own = steps().filter(|step| step.shared_with.is_none());
        own.filter(|step| step.kind == StepKind::Instruction)
    };
    BuildTotals {
        duration_ms,
        target_count: count(targets.iter()),
        built_count: count(built),
        step_count: count(instructions()),
        cached_count: count(instructions().filter(|step| step.cached == Some(true))),
        step_duration_ms: steps().map(|step| step.duration_ms).sum(),
        sent_bytes: targets.iter().map(|target| target.context.sent_bytes).sum(),
    }
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

fn failures(target: &TargetBuild) -> Vec<Finding> {
    let failed: Vec<Finding> = target
        .steps
        .iter()
        .filter_map(|step| step.error.as_ref().map(|error| (step, error)))
        .map(|(step, error)| Finding {
            rule: "step-failed".to_owned(),
            severity: Severity::Error,
            message: format!("`{}` failed: {error}", step.name),
            advice: None,
            location: step.location.clone(),
            subject: Some(target.plan.name.clone()),
            saving: None,
        })
        .collect();
    match &target.error {
        Some(error) if failed.is_empty() => vec![Finding {
            rule: "target-failed".to_owned(),
            severity: Severity::Error,
            message: error.clone(),
            advice: None,
            location: None,
            subject: Some(target.plan.name.clone()),
            saving: None,
        }],
        _ => failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::context::ContextEntry;
    use crate::model::outcome::{Interval, TargetError, TargetErrorKind, Vertex};
    use std::sync::Arc;

    const DOCKERFILE: &str = "FROM scratch AS app\nCOPY src /src\nRUN make\n";

    fn settings() -> Settings {
        let text = String::new;
        Settings {
            engine: EngineInfo {
                version: text(),
                api_version: text(),
                platform: text(),
            },
            parallel_max: 2,
            no_cache: false,
            lists: FileLists::Short,
        }
    }

    fn vertex(digest: &str, name: &str, span: (u64, u64), inputs: &[&str]) -> Vertex {
        Vertex {
            digest: digest.to_owned(),
            name: name.to_owned(),
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            intervals: vec![Interval {
                started_ms: span.0,
                ended_ms: span.1,
            }],
            is_ended: true,
            ..Vertex::default()
        }
    }

    /// A target whose `RUN` failed.
    fn failed() -> (Plan, BuildOutcome) {
        let target = Target::sample("app", DOCKERFILE);
        let mut run = vertex("2", "[app 2/2] RUN make", (20, 120), &["1"]);
        run.error = Some("exit code: 2".to_owned());
        run.log_tail = vec!["cc: not found".to_owned()];
        let mut copy = vertex("1", "[app 1/2] COPY src /src", (20, 20), &[]);
        copy.cached = true;
        let outcome = TargetOutcome {
            started_ms: Some(5),
            duration_ms: Some(120),
            sent_bytes: 7,
            context: Some(Arc::new(context())),
            vertexes: vec![copy, run],
            error: Some(TargetError {
                kind: TargetErrorKind::Build,
                message: "make failed".to_owned(),
            }),
            ..TargetOutcome::not_started(Status::Failed)
        };
        let plan = Plan {
            targets: vec![target],
            ..Plan::default()
        };
        let outcome = BuildOutcome {
            duration_ms: 125,
            interrupted: false,
            targets: vec![outcome],
        };
        (plan, outcome)
    }

    fn context() -> ContextScan {
        let entry = |path: &str, kind, digest: Option<&str>| ContextEntry {
            path: path.to_owned(),
            kind,
            mode: 0o644,
            size_bytes: 3,
            modified_ns: 0,
            digest: digest.map(str::to_owned),
            inode: None,
        };
        ContextScan {
            dir: ".".into(),
            ignore_path: None,
            entries: vec![
                entry("other", EntryKind::File, Some("sha256:o")),
                entry("src", EntryKind::Directory, None),
                entry("src/a.c", EntryKind::File, Some("sha256:a")),
            ],
            skipped: Vec::new(),
        }
    }

    fn data() -> (BuildData, Vec<Finding>) {
        let (plan, outcome) = failed();
        let plans = super::super::plan::plan_data(&plan).targets;
        build_data(&plan, plans, &outcome, settings())
    }

    #[test]
    fn a_failed_step_is_found_with_its_line_and_its_output() {
        let (data, findings) = data();
        let step = &data.targets[0].steps[1];
        assert_eq!(step.id, "app/app/2");
        assert_eq!(step.location.as_ref().unwrap().line, 3);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].rule, "step-failed");
        assert_eq!(findings[0].location, step.location);
        assert_eq!(step.log_tail, ["cc: not found"]);
        assert_eq!(verdict(&failed().1), Verdict::Fail);
    }

    #[test]
    fn totals_count_instructions_and_files() {
        let (data, _) = data();
        let totals = data.totals;
        assert_eq!((totals.step_count, totals.cached_count), (2, 1));
        assert_eq!((totals.target_count, totals.built_count), (1, 0));
        assert_eq!(totals.step_duration_ms, 100);
        let context = data.targets[0].context;
        assert_eq!(
            (context.file_count, context.size_bytes, context.sent_bytes),
            (2, 6, 7)
        );
    }

    #[test]
    fn a_copy_lists_the_files_that_it_takes() {
        let (data, _) = data();
        let files = data.targets[0].steps[0].context_files.as_ref().unwrap();
        let paths: Vec<_> = files.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["src/a.c"]);
        // printf 'file 644 sha256:a src/a.c' | sha256sum
        let digest = "sha256:47bff05e5bf43b5dee4c6878562a7925d4c2a7c8cef01458e07931ad9b6c6d7c";
        assert_eq!(files.digest, digest);
    }

    #[test]
    fn an_interrupted_build_is_incomplete_unless_all_was_built() {
        let (_, mut outcome) = failed();
        outcome.interrupted = true;
        assert_eq!(verdict(&outcome), Verdict::Incomplete);
        outcome.targets[0].status = Status::Built;
        assert_eq!(verdict(&outcome), Verdict::Pass);
    }
}
