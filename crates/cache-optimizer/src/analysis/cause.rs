//! Why one step ran: the first difference to an earlier build that is certain to alter its cache key.
//!
//! What enters a key: research/cache.md sections 2.1 to 2.3. A difference that may be harmless, or
//! that reports do not record, is never taken for the cause.

use std::collections::{HashMap, HashSet};

use super::args::visible_args;
use super::earlier::{Earlier, StepKey};
use super::file_changes::{FileChange, file_changes};
use crate::model::build::{REDACTED, Step, Target};

/// Why a step ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The cache was switched off.
    NoCache,
    /// The earlier build has no step of this text in this stage.
    InstructionChanged,
    /// Files that the step takes from the context changed.
    FilesChanged(Vec<FileChange>),
    /// A build argument that the step sees changed.
    ArgChanged {
        name: String,
        before: Option<String>,
        after: Option<String>,
    },
    /// A step whose result it uses ran.
    DependencyRan {
        /// That step's id.
        step: String,
    },
    /// The evidence does not settle it.
    Unknown {
        /// What would have to be known.
        missing: String,
    },
}

/// What would settle a cause when there is nothing to compare with.
pub(crate) const NO_BASELINE: &str = "an earlier build report (`--baseline`)";

/// What would settle a cause when the earlier build failed before or in the step.
const NO_RESULT: &str = "an earlier build with a result of this step";

/// What would settle a cause when all that reports record is equal.
const NOT_RECORDED: &str = "the environment, the base image's digest, the files of mounts and the \
                            evictions, which no report has";

/// What is known of a target in both builds.
#[derive(Debug)]
pub(crate) struct Evidence<'a> {
    target: &'a Target,
    steps: HashMap<&'a str, &'a Step>,
    earlier: &'a Earlier<'a>,
}

impl<'a> Evidence<'a> {
    /// The evidence on a target that was built before as `earlier`.
    pub(crate) fn new(target: &'a Target, earlier: &'a Earlier<'a>) -> Self {
        let steps = target.steps.iter();
        Self {
            target,
            steps: steps.map(|step| (step.id.as_str(), step)).collect(),
            earlier,
        }
    }
}

/// Why `step`, which is `key` in both builds, ran. What is its own comes before what it uses.
pub(crate) fn cause(key: StepKey<'_>, step: &Step, evidence: &Evidence<'_>) -> Cause {
    let earlier = evidence.earlier;
    if !earlier.has_instruction(key) {
        return Cause::InstructionChanged;
    }
    // Where the earlier build got no result, a difference to it explains nothing.
    let before = earlier
        .step(key)
        .filter(|before| has_result(before, earlier.target));
    let own = before.and_then(|before| own_cause(before, step, evidence));
    own.or_else(|| dependency_cause(step, evidence))
        .unwrap_or_else(|| Cause::Unknown {
            missing: match before {
                Some(_) => missing_evidence(step, evidence),
                None => NO_RESULT.to_owned(),
            },
        })
}

fn own_cause(before: &Step, step: &Step, evidence: &Evidence<'_>) -> Option<Cause> {
    files_cause(before, step).or_else(|| arg_cause(step, evidence))
}

/// Whether a step left a result that a later build could take. In a target without a failed step,
/// one that did not start was not needed, because what uses it was cached.
fn has_result(step: &Step, target: &Target) -> bool {
    let is_whole = !target.steps.iter().any(|step| step.is_failed);
    let has_run = step.cached == Some(false) && !step.is_failed;
    is_whole || has_run || target.hits().any(|hit| hit.id == step.id)
}

fn files_cause(before: &Step, after: &Step) -> Option<Cause> {
    let (before, after) = (before.files.as_ref()?, after.files.as_ref()?);
    file_changes(before, after).map(Cause::FilesChanged)
}

fn arg_cause(step: &Step, evidence: &Evidence<'_>) -> Option<Cause> {
    let before = &evidence.earlier.target.build_args;
    let after = &evidence.target.build_args;
    visible_args(step, evidence.target)
        .into_iter()
        .find(|name| before.get(*name) != after.get(*name))
        .map(|name| Cause::ArgChanged {
            name: name.to_owned(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
}

/// The step that ran and that this one builds on, in whichever target it ran. A cached step shields
/// from all behind it; internal work does not, but is no cause itself. The parent in the own stage
/// goes before copied stages, since its key alone decides, while those count by content; among
/// equals the one that started first.
fn dependency_cause(step: &Step, evidence: &Evidence<'_>) -> Option<Cause> {
    let mut ids: Vec<&str> = step.depends_on.iter().map(String::as_str).collect();
    let mut seen = HashSet::new();
    let mut ran = Vec::new();
    while let Some(id) = ids.pop() {
        match evidence.steps.get(id) {
            Some(_) if !seen.insert(id) => {}
            Some(dependency) if dependency.is_miss() || dependency.shared_with.is_some() => {
                ran.push(*dependency);
            }
            Some(dependency) if dependency.is_hit() => {}
            Some(dependency) => ids.extend(dependency.depends_on.iter().map(String::as_str)),
            None => {}
        }
    }
    let first = ran.into_iter().min_by_key(|dependency| {
        let is_other_stage = dependency.stage != step.stage;
        (is_other_stage, dependency.started_ms, &dependency.id)
    })?;
    let run = first.shared_with.as_ref().unwrap_or(&first.id);
    Some(Cause::DependencyRan { step: run.clone() })
}

fn missing_evidence(step: &Step, evidence: &Evidence<'_>) -> String {
    let args = &evidence.target.build_args;
    let is_redacted = |name: &&str| args.get(*name).is_some_and(|value| value == REDACTED);
    match visible_args(step, evidence.target)
        .into_iter()
        .find(is_redacted)
    {
        Some(name) => format!("the value of `{name}`, which is redacted"),
        None => NOT_RECORDED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::misses::misses;
    use crate::model::sample::{
        arg, at_line, build, cached, failed, file_set, in_stage, internal, ran, stage, target, uses,
    };

    fn cause_of(name: &str, before: &Target, after: &Target) -> Cause {
        let (before, after) = (build([before.clone()]), build([after.clone()]));
        let misses = misses(&after, Some(&before));
        let miss = misses.into_iter().find(|miss| miss.step.name == name);
        miss.unwrap().cause
    }

    fn dependency(step: &str) -> Cause {
        Cause::DependencyRan {
            step: step.to_owned(),
        }
    }

    fn missing(cause: Cause) -> String {
        match cause {
            Cause::Unknown { missing } => missing,
            other => panic!("{other:?} is known"),
        }
    }

    fn copying(digest: &str, mut step: Step) -> Step {
        step.files = Some(file_set(digest, &[]));
        step
    }

    #[test]
    fn a_step_that_was_not_there_is_a_changed_instruction() {
        let before = target([cached("RUN make")]);
        let after = target([ran("RUN make all", 1)]);
        let cause = cause_of("RUN make all", &before, &after);
        assert_eq!(cause, Cause::InstructionChanged);
    }

    #[test]
    fn changed_files_go_before_a_parent_that_ran() {
        let before = target([cached("RUN a"), copying("1", cached("COPY src src"))]);
        let copy = uses(&["app/build/RUN a"], copying("2", ran("COPY src src", 1)));
        let after = target([ran("RUN a", 1), copy]);
        let cause = cause_of("COPY src src", &before, &after);
        assert_eq!(cause, Cause::FilesChanged(Vec::new()));
    }

    #[test]
    fn a_copy_of_unchanged_files_ran_because_its_parent_did() {
        let before = target([cached("RUN a"), copying("1", cached("COPY src src"))]);
        let copy = uses(&["app/build/RUN a"], copying("1", ran("COPY src src", 1)));
        let after = target([ran("RUN a", 1), copy]);
        let cause = cause_of("COPY src src", &before, &after);
        assert_eq!(cause, dependency("app/build/RUN a"));
    }

    #[test]
    fn a_cached_step_shields_from_what_ran_behind_it() {
        let steps = || {
            [
                ran("RUN planner", 1),
                uses(&["app/build/RUN planner"], cached("COPY --from=p a a")),
                uses(&["app/build/COPY --from=p a a"], ran("RUN make", 1)),
            ]
        };
        let cause = cause_of("RUN make", &target(steps()), &target(steps()));
        assert_eq!(missing(cause), NOT_RECORDED);
    }

    #[test]
    fn a_step_that_another_target_ran_is_a_cause() {
        let mut shared = ran("RUN make", 0);
        shared.shared_with = Some("other/build/RUN make".to_owned());
        let copy = in_stage("runtime", ran("COPY --from=build a a", 1));
        let after = target([shared, uses(&["app/build/RUN make"], copy)]);
        let cause = cause_of("COPY --from=build a a", &after, &after);
        assert_eq!(cause, dependency("other/build/RUN make"));
    }

    #[test]
    fn internal_work_is_looked_through_and_is_no_cause() {
        let steps = || {
            [
                ran("RUN a", 1),
                uses(&["app/build/RUN a"], internal("merge")),
                uses(&["app/build/merge", "app/gone"], ran("RUN b", 1)),
            ]
        };
        let cause = cause_of("RUN b", &target(steps()), &target(steps()));
        assert_eq!(cause, dependency("app/build/RUN a"));
    }

    #[test]
    fn the_parent_in_the_own_stage_goes_before_a_copied_stage() {
        let mut other = in_stage("deps", ran("RUN deps", 1));
        other.started_ms = Some(1);
        let mut parent = ran("RUN parent", 1);
        parent.started_ms = Some(5);
        let copy = ran("COPY --from=deps a a", 1);
        let copy = uses(&["app/deps/RUN deps", "app/build/RUN parent"], copy);
        let after = target([other, parent, copy]);
        let cause = cause_of("COPY --from=deps a a", &after, &after);
        assert_eq!(cause, dependency("app/build/RUN parent"));
    }

    #[test]
    fn a_circle_of_steps_ends() {
        let a = uses(&["app/build/b"], internal("a"));
        let b = uses(&["app/build/a"], internal("b"));
        let run = uses(&["app/build/a"], ran("RUN c", 1));
        let after = target([a, b, run]);
        assert_eq!(missing(cause_of("RUN c", &after, &after)), NOT_RECORDED);
    }

    /// A target with one `RUN` below an `ARG`, which was given this value.
    fn given(name: &str, value: &str) -> Target {
        let mut target = target([at_line(5, ran("RUN make", 1))]);
        target.stages = vec![stage(0, "build", None, vec![arg(name, 3)])];
        target.build_args.insert(name.to_owned(), value.to_owned());
        target
    }

    #[test]
    fn a_changed_argument_is_a_cause_with_both_values() {
        let expected = Cause::ArgChanged {
            name: "SHA".to_owned(),
            before: Some("1".to_owned()),
            after: Some("2".to_owned()),
        };
        let cause = cause_of("RUN make", &given("SHA", "1"), &given("SHA", "2"));
        assert_eq!(cause, expected);
    }

    #[test]
    fn an_argument_that_is_not_declared_is_no_cause() {
        let before = given("SHA", "1");
        let mut after = before.clone();
        after.build_args.insert("OTHER".to_owned(), "2".to_owned());
        assert_eq!(missing(cause_of("RUN make", &before, &after)), NOT_RECORDED);
    }

    #[test]
    fn an_argument_that_is_redacted_in_both_builds_settles_nothing() {
        let both = given("API_TOKEN", REDACTED);
        assert_eq!(
            missing(cause_of("RUN make", &both, &both)),
            "the value of `API_TOKEN`, which is redacted"
        );
    }

    #[test]
    fn a_step_that_failed_or_was_skipped_before_left_nothing_to_compare_with() {
        let mut skipped = copying("1", cached("COPY a a"));
        skipped.cached = None;
        let before = target([failed("RUN make", 1), skipped]);
        let after = target([ran("RUN make", 1), copying("2", ran("COPY a a", 1))]);
        for name in ["RUN make", "COPY a a"] {
            assert_eq!(missing(cause_of(name, &before, &after)), NO_RESULT);
        }
    }

    #[test]
    fn a_step_that_was_planned_but_never_announced_is_no_changed_instruction() {
        let mut before = target([]);
        before.stages = vec![stage(0, "build", None, Vec::new())];
        before.stages[0].texts.insert(2, "RUN make".to_owned());
        let after = target([ran("RUN make", 1)]);
        assert_eq!(missing(cause_of("RUN make", &before, &after)), NO_RESULT);
    }

    #[test]
    fn a_step_that_a_good_build_did_not_need_can_be_compared_with() {
        let mut unneeded = copying("1", cached("COPY a a"));
        unneeded.cached = None;
        let after = target([copying("2", ran("COPY a a", 1))]);
        let cause = cause_of("COPY a a", &target([unneeded]), &after);
        assert_eq!(cause, Cause::FilesChanged(Vec::new()));
    }
}
