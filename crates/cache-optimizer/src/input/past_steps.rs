//! From reports of past builds to the steps that made the records of a cache.

use common::report::{BuildData, Report, StageBase, StagePlan, StepBuild, StepKind, TargetBuild};
use jiff::Timestamp;
use std::collections::HashMap;

use crate::model::build_cache::{PastStep, StepName, StepOutcome, single_blanks};

/// The instructions of all builds, each after the one that it lies upon.
pub(crate) fn from_reports(reports: &[Report<BuildData>]) -> Vec<PastStep> {
    let mut steps = Vec::new();
    for report in reports {
        // A report's time is that of its build's start, unless it was pinned; then it lies in the past
        // and meets no record.
        let started: Option<Timestamp> = report.created_at.parse().ok();
        let started_ms = started.map_or(0, Timestamp::as_millisecond);
        for target in &report.data.targets {
            add(target, started_ms, &mut steps);
        }
    }
    steps
}

fn add(target: &TargetBuild, started_ms: i64, steps: &mut Vec<PastStep>) {
    let stages = &target.plan.stages;
    let is_instruction = |step: &&StepBuild| step.kind == StepKind::Instruction;
    let mut instructions: Vec<_> = target.steps.iter().filter(is_instruction).collect();
    // Stages come after those that they are based on, and lines in the order of work.
    let line = |step: &&StepBuild| step.location.as_ref().map(|location| location.line);
    instructions.sort_by_key(line);
    let is_failed = target.steps.iter().any(|step| step.error.is_some());
    // The last step so far of each stage, and where each step is in the list.
    let mut last_of: HashMap<&str, usize> = HashMap::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for step in instructions {
        let Some(label) = step.stage.as_deref() else {
            continue;
        };
        let parent =
            chain(stages, label).find_map(|stage| last_of.get(stage.label().as_str()).copied());
        let text = written_text(step, stages);
        let parent = parent.or_else(|| only_dependency(step, &places));
        last_of.insert(label, steps.len());
        places.insert(&step.id, steps.len());
        steps.push(PastStep {
            command: command(&text),
            name: StepName {
                target: target.plan.name.clone(),
                stage: label.to_owned(),
                text,
            },
            parent,
            is_on_image: chain(stages, label)
                .any(|stage| matches!(stage.base, StageBase::Image { .. })),
            ended_ms: ended_ms(step, started_ms),
            outcome: outcome(step, is_failed),
        });
    }
}

/// The stage of this label, and those that it is based on, nearest first.
fn chain<'a>(stages: &'a [StagePlan], label: &str) -> impl Iterator<Item = &'a StagePlan> {
    let first = stages.iter().find(|stage| stage.label() == label);
    std::iter::successors(first, |stage| match stage.base {
        StageBase::Stage { index } if index < stage.index => {
            stages.iter().find(|base| base.index == index)
        }
        _ => None,
    })
}

/// The one step that a step depends on. A step that several targets share may carry the label that its
/// stage has in another one. What is copied from another stage lies upon nothing of it.
fn only_dependency(step: &StepBuild, places: &HashMap<&str, usize>) -> Option<usize> {
    let known = |id: &String| places.get(id.as_str()).copied();
    let mut dependencies = step.depends_on.iter().filter_map(known);
    let only = dependencies.next()?;
    let is_copied = step.name.contains("from=");
    (dependencies.next().is_none() && !is_copied).then_some(only)
}

fn ended_ms(step: &StepBuild, started_ms: i64) -> i64 {
    let after_ms = step.started_ms.unwrap_or(0) + step.duration_ms;
    started_ms.saturating_add(i64::try_from(after_ms).unwrap_or(i64::MAX))
}

/// In a build that failed, the builder also calls those steps cached that it skipped.
/// Source: <https://github.com/moby/buildkit/issues/5644>
fn outcome(step: &StepBuild, is_failed: bool) -> StepOutcome {
    match step.cached {
        Some(true) if !is_failed => StepOutcome::Cached,
        Some(false) if step.shared_with.is_none() && step.error.is_none() => StepOutcome::Ran {
            duration_ms: step.duration_ms,
        },
        _ => StepOutcome::Nothing,
    }
}

fn written_text(step: &StepBuild, stages: &[StagePlan]) -> String {
    let line = step.location.as_ref().map(|location| location.line);
    let label = step.stage.as_deref().unwrap_or_default();
    let stage = stages.iter().find(|stage| stage.label() == label);
    let mut instructions = stage.iter().flat_map(|stage| &stage.instructions);
    let written = instructions.find(|instruction| Some(instruction.line) == line);
    written.map_or_else(|| step.name.clone(), |instruction| instruction.text.clone())
}

/// What a `RUN` runs: the words of the exec form, or the text after the shell's own arguments, with
/// single blanks. `None` for all other instructions.
fn command(text: &str) -> Option<String> {
    let (keyword, mut rest) = text.split_once(char::is_whitespace)?;
    if !keyword.eq_ignore_ascii_case("RUN") {
        return None;
    }
    rest = rest.trim_start();
    while rest.starts_with("--") {
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    let words = serde_json::from_str::<Vec<String>>(rest);
    let command = words.map_or_else(|_| rest.to_owned(), |words| words.join(" "));
    Some(single_blanks(&command))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_command_is_what_follows_the_flags() {
        for (text, expected) in [
            ("RUN make  all", Some("make all")),
            (
                "run --mount=type=cache,target=/c --network=none make",
                Some("make"),
            ),
            (r#"RUN ["sh", "-c", "a  b"]"#, Some("sh -c a b")),
            ("RUN [ -f a ] && b", Some("[ -f a ] && b")),
            ("COPY a b", None),
            ("RUN", None),
            ("RUN --network=none", None),
        ] {
            assert_eq!(command(text).as_deref(), expected, "{text}");
        }
    }

    const BUILD: &str = include_str!("../../../../tests/fixtures/reports/v1/build.json");

    #[test]
    fn a_step_lies_upon_the_one_before_it_whatever_another_target_calls_the_stage() {
        let mut report: Report<BuildData> = serde_json::from_str(BUILD).unwrap();
        let parents = |report: &Report<BuildData>| -> Vec<Option<usize>> {
            let steps = from_reports(std::slice::from_ref(report));
            steps.iter().map(|step| step.parent).collect()
        };
        assert_eq!(parents(&report), [None, Some(0)]);
        let copy = &mut report.data.targets[0].steps[1];
        assert_eq!(copy.name, "COPY src src");
        copy.stage = Some("elsewhere".to_owned());
        assert_eq!(parents(&report), [None, Some(0)]);
    }

    proptest! {
        #[test]
        fn any_instruction_has_a_command_or_none(text in "(RUN )?(--[a-z]+ )?\\PC*") {
            command(&text);
        }
    }
}
