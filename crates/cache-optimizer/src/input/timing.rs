//! How a build spent its time beside the steps, from its report.

use common::report::{BuildData, Report, StepBuild, StepKind, TargetBuild};
use std::collections::{BTreeMap, HashMap};

use crate::model::build::Build;
use crate::model::history::{Record, TargetTimes};

/// The build of a report, with its times.
pub(crate) fn record(build: Build, times: Times) -> Record {
    Record {
        build,
        parallel_max: times.parallel_max,
        times: times.targets,
        depends_on: times.depends_on,
    }
}

/// The times of a report, read before it becomes a build.
#[derive(Debug)]
pub(crate) struct Times {
    parallel_max: usize,
    targets: BTreeMap<String, TargetTimes>,
    depends_on: BTreeMap<String, Vec<String>>,
}

/// Reads the times of a report.
pub(crate) fn times(report: &Report<BuildData>) -> Times {
    let data = &report.data;
    let all_steps = data.targets.iter().flat_map(|target| &target.steps);
    let steps: HashMap<_, _> = all_steps.map(|step| (step.id.as_str(), step)).collect();
    let named = |target: &TargetBuild| {
        let times = target_times(target, &steps)?;
        Some((target.plan.name.clone(), times))
    };
    let depends_on = data.targets.iter().map(|target| {
        let plan = &target.plan;
        (plan.name.clone(), plan.depends_on.clone())
    });
    Times {
        parallel_max: usize::try_from(data.parallel_max.max(1)).unwrap_or(usize::MAX),
        targets: data.targets.iter().filter_map(named).collect(),
        depends_on: depends_on.collect(),
    }
}

fn target_times(target: &TargetBuild, steps: &HashMap<&str, &StepBuild>) -> Option<TargetTimes> {
    let started_ms = target.started_ms?;
    let ended_ms = started_ms + target.duration_ms?;
    // The builder gives a step that an earlier target had already the time that it had there.
    let starts = target.steps.iter().filter(|step| is_work(step));
    let starts = starts.filter_map(|step| step.started_ms);
    let first_ms = starts.filter(|&start_ms| start_ms >= started_ms).min()?;
    let ends = target.steps.iter().filter_map(|step| end_ms(step, steps));
    let last_ms = ends
        .max()
        .unwrap_or(0)
        .clamp(first_ms, ended_ms.max(first_ms));
    Some(TargetTimes {
        started_ms,
        lead_ms: first_ms - started_ms,
        export_ms: ended_ms.saturating_sub(last_ms),
    })
}

/// Whether the step comes after the builder's own preparations.
fn is_work(step: &StepBuild) -> bool {
    step.kind != StepKind::Internal
}

/// When a step ended that ran, in this target or in another one.
fn end_ms(step: &StepBuild, steps: &HashMap<&str, &StepBuild>) -> Option<u64> {
    let worker = step.shared_with.as_deref();
    let step = worker.map_or(Some(step), |worker| steps.get(worker).copied())?;
    let ran = step.kind == StepKind::Instruction && step.cached == Some(false);
    Some(step.started_ms.filter(|_| ran)? + step.duration_ms)
}
