//! From a build report to what was recorded in it.

use common::report::{BuildData, StepBuild, StepKind, TargetBuild, TargetPlan, TargetStatus};

use std::collections::BTreeMap;

use super::nearest::hint;
use crate::model::recorded::{RecordedBuild, RecordedStep, RecordedTarget};

/// A step that was named, and how many times as fast it is meant to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) step: &'a str,
    /// More than 0; from the cache, it is infinite.
    pub(crate) factor: f64,
}

/// A step that a build does not have.
#[derive(Debug, thiserror::Error)]
#[error("there is no step `{step}`{hint}")]
pub(crate) struct UnknownStep {
    step: String,
    hint: String,
}

/// What changed steps take, by the id of the step that does the work.
///
/// # Errors
///
/// The build does not have a step.
pub(crate) fn changed_durations<'a>(
    build: &RecordedBuild,
    changes: impl Iterator<Item = Change<'a>>,
) -> Result<BTreeMap<String, u64>, UnknownStep> {
    let mut durations_ms = BTreeMap::new();
    for change in changes {
        let Some(step) = build.worker(change.step) else {
            return Err(unknown(build, change.step));
        };
        let duration_ms = duration_ms(step.duration_ms, change.factor);
        durations_ms.insert(step.id.clone(), duration_ms);
    }
    Ok(durations_ms)
}

fn duration_ms(recorded_ms: u64, factor: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the quotient is not negative, and a float that is too large becomes the largest number"
    )]
    let duration_ms = (recorded_ms as f64 / factor).round() as u64;
    duration_ms
}

/// Only steps whose work took time can be meant.
fn unknown(build: &RecordedBuild, name: &str) -> UnknownStep {
    let steps = build.targets.iter().flat_map(|target| &target.steps);
    let slow = steps.filter(|step| step.duration_ms > 0 || step.shared_with.is_some());
    let ids: Vec<String> = slow.map(|step| step.id.clone()).collect();
    UnknownStep {
        step: name.to_owned(),
        hint: hint(name, &ids),
    }
}

/// What a build report recorded.
pub(crate) fn recorded(data: &BuildData) -> RecordedBuild {
    RecordedBuild {
        parallel_max: usize::try_from(data.parallel_max)
            .unwrap_or(usize::MAX)
            .max(1),
        duration_ms: data.totals.duration_ms,
        targets: data.targets.iter().map(target).collect(),
    }
}

fn target(built: &TargetBuild) -> RecordedTarget {
    let started_ms = built.started_ms.unwrap_or_default();
    let steps = built.steps.iter();
    RecordedTarget {
        name: built.plan.name.clone(),
        depends_on: built.plan.depends_on.clone(),
        is_built: built.status == TargetStatus::Built,
        started_ms,
        ended_ms: started_ms + built.duration_ms.unwrap_or_default(),
        image_size_bytes: built.image.as_ref().map(|image| image.size_bytes),
        steps: steps
            .map(|built_step| step(built_step, &built.plan))
            .collect(),
    }
}

fn step(built: &StepBuild, plan: &TargetPlan) -> RecordedStep {
    RecordedStep {
        id: built.id.clone(),
        stage: built.stage.clone().unwrap_or_default(),
        text: text(built, plan),
        line: built.location.as_ref().map(|location| location.line),
        is_internal: built.kind == StepKind::Internal,
        is_export: built.kind == StepKind::Export,
        cached: built.cached,
        shared_with: built.shared_with.clone(),
        started_ms: built.started_ms,
        duration_ms: built.duration_ms,
        depends_on: built.depends_on.clone(),
    }
}

/// A changed build argument alters what the builder prints, and not what is written.
fn text(built: &StepBuild, plan: &TargetPlan) -> String {
    let written = || {
        let line = built.location.as_ref()?.line;
        let mut instructions = plan.stages.iter().flat_map(|stage| &stage.instructions);
        instructions.find(|instruction| instruction.line == line)
    };
    match (built.kind, written()) {
        // The digest of an image is no part of what is asked for.
        (StepKind::Base, _) => built.name.split('@').next().unwrap_or_default().to_owned(),
        (StepKind::Instruction, Some(instruction)) => instruction.text.clone(),
        _ => built.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::report::{InstructionPlan, Location, StageBase, StagePlan};

    fn build() -> RecordedBuild {
        let step = |id: &str, duration_ms, shared_with: Option<&str>| RecordedStep {
            id: id.to_owned(),
            duration_ms,
            shared_with: shared_with.map(str::to_owned),
            ..RecordedStep::default()
        };
        let steps = vec![
            step("app/build/3", 900, None),
            step("web/build/3", 0, Some("app/build/3")),
        ];
        RecordedBuild {
            targets: vec![RecordedTarget {
                steps,
                ..RecordedTarget::default()
            }],
            ..RecordedBuild::default()
        }
    }

    #[test]
    fn a_change_is_made_where_the_work_is_done() {
        let durations = |step, factor| {
            changed_durations(&build(), [Change { step, factor }].into_iter())
                .map_err(|e| e.to_string())
        };
        let expected = |duration_ms| BTreeMap::from([("app/build/3".to_owned(), duration_ms)]);
        assert_eq!(durations("web/build/3", 2.0), Ok(expected(450)));
        assert_eq!(durations("app/build/3", f64::INFINITY), Ok(expected(0)));
        assert_eq!(
            durations("app/buidl/3", 2.0),
            Err("there is no step `app/buidl/3`; did you mean `app/build/3`?".to_owned())
        );
    }

    #[test]
    fn a_step_has_its_text_as_written_and_a_base_no_digest() {
        let mut built = StepBuild {
            id: "app/build/2".to_owned(),
            kind: StepKind::Instruction,
            stage: Some("build".to_owned()),
            name: "RUN make 7".to_owned(),
            location: Some(Location {
                path: "Dockerfile".to_owned(),
                line: 3,
            }),
            cached: Some(false),
            shared_with: None,
            started_ms: None,
            duration_ms: 0,
            depends_on: Vec::new(),
            context_files: None,
            log_tail: Vec::new(),
            error: None,
            run: None,
            base_digest: None,
        };
        let instruction = InstructionPlan {
            keyword: "RUN".to_owned(),
            text: "RUN make $V".to_owned(),
            line: 3,
            end_line: 3,
        };
        let plan = TargetPlan {
            stages: vec![StagePlan {
                index: 0,
                name: None,
                location: Location {
                    path: "Dockerfile".to_owned(),
                    line: 1,
                },
                base: StageBase::Scratch,
                copies_from: Vec::new(),
                instructions: vec![instruction],
            }],
            ..TargetPlan::default()
        };
        assert_eq!(text(&built, &plan), "RUN make $V");
        built.kind = StepKind::Base;
        built.name = "FROM debian:12@sha256:00".to_owned();
        assert_eq!(text(&built, &plan), "FROM debian:12");
    }
}
