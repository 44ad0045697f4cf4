//! Steps that one target ran and others shared.
//!
//! BuildKit runs a step once. It tells targets that ask later that the step is cached, and those that
//! ask meanwhile that it runs: without this, a build whose cache is switched off would seem to have
//! hits, and one run would count several times.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::model::plan::Target;
use crate::model::step::{Step, StepKind};

/// What the builder calls the transfer of a context. Source: research/build.md section 3.2.
const CONTEXT_STEP: &str = "load build context";

/// What has to be equal for steps of two targets to be the same work.
#[derive(PartialEq, Eq, Hash)]
enum Work<'a> {
    /// The transfer of a context, whatever the Dockerfile.
    Context(&'a Path),
    /// A step of a Dockerfile with its context, platform and build arguments, then stage and name.
    /// Targets whose arguments differ share nothing here, although they may where no step uses the
    /// difference.
    Step(Origin<'a>, Option<String>, String),
}

type Origin<'a> = (
    &'a Path,
    &'a Path,
    Option<&'a str>,
    &'a BTreeMap<String, String>,
);

/// Marks the steps that another target of the same build ran. `steps` has those of each target.
pub(crate) fn mark_shared(targets: &[Target], steps: &mut [Vec<Step>]) {
    let mut runs: HashMap<Work<'_>, Run> = HashMap::new();
    for (target, steps) in targets.iter().zip(steps.iter()) {
        for step in steps.iter().filter(|step| step.failure.is_none()) {
            let is_work = step.kind == StepKind::Instruction || is_context(step);
            if is_work && step.cached == Some(false) {
                let run = || Run::of(step);
                runs.entry(work(target, step)).or_insert_with(run);
            }
        }
    }
    for (target, steps) in targets.iter().zip(steps) {
        for step in steps {
            if let Some(run) = runs
                .get(&work(target, step))
                .filter(|run| run.is_shared_by(step))
            {
                step.shared_with = Some(run.id.clone());
                step.cached = Some(false);
                step.duration_ms = 0;
            }
        }
    }
}

/// A run of some work.
struct Run {
    id: String,
    started_ms: Option<u64>,
    ended_ms: Option<u64>,
}

impl Run {
    fn of(step: &Step) -> Self {
        Self {
            id: step.id.clone(),
            started_ms: step.started_ms,
            ended_ms: step.ended_ms,
        }
    }

    /// Whether a step of the same work is this run, seen from another target: the builder calls it
    /// cached, or shows the very same times.
    fn is_shared_by(&self, step: &Step) -> bool {
        let is_same_time = self.started_ms == step.started_ms && self.ended_ms == step.ended_ms;
        match step.cached {
            Some(true) => true,
            Some(false) => is_same_time && self.id != step.id && step.failure.is_none(),
            None => false,
        }
    }
}

fn is_context(step: &Step) -> bool {
    step.kind == StepKind::Internal && step.name == CONTEXT_STEP
}

fn work<'a>(target: &'a Target, step: &Step) -> Work<'a> {
    if is_context(step) {
        return Work::Context(&target.context_dir);
    }
    let origin = (
        target.dockerfile_path.as_path(),
        target.context_dir.as_path(),
        target.platform.as_deref(),
        &target.build_args,
    );
    Work::Step(origin, step.stage.clone(), step.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str, args: &[(&str, &str)]) -> Target {
        Target::sample(name, "FROM scratch\n").with_args(args)
    }

    fn step(id: &str, name: &str, cached: bool) -> Step {
        Step {
            cached: Some(cached),
            ..Step::sample(id, name, (0, 1))
        }
    }

    #[test]
    fn a_step_that_another_target_ran_did_not_come_from_the_cache() {
        let targets = [target("a", &[]), target("b", &[])];
        let mut steps = [
            vec![
                step("a/build/1", "RUN make", true),
                step("a/build/2", "RUN test", true),
            ],
            vec![step("b/build/1", "RUN make", false)],
        ];
        mark_shared(&targets, &mut steps);
        assert_eq!(steps[0][0].shared_with.as_deref(), Some("b/build/1"));
        assert_eq!(steps[0][0].cached, Some(false));
        assert_eq!(
            (&steps[0][1].shared_with, steps[0][1].cached),
            (&None, Some(true))
        );
        assert_eq!(steps[1][0].shared_with, None);
    }

    #[test]
    fn one_run_that_two_targets_waited_for_counts_once() {
        let targets = [target("a", &[]), target("b", &[]), target("c", &[])];
        let mut steps = [
            vec![Step::sample("a/build/1", "RUN make", (5, 90))],
            vec![Step::sample("b/build/1", "RUN make", (5, 90))],
            vec![Step::sample("c/build/1", "RUN make", (100, 180))],
        ];
        mark_shared(&targets, &mut steps);
        assert_eq!(steps[0][0].shared_with, None);
        assert_eq!(steps[1][0].shared_with.as_deref(), Some("a/build/1"));
        assert_eq!((steps[0][0].duration_ms, steps[1][0].duration_ms), (85, 0));
        assert_eq!(steps[2][0].shared_with, None, "it ran on its own");
    }

    #[test]
    fn a_context_that_was_sent_for_one_target_was_not_sent_for_the_next() {
        let targets = [target("a", &[]), target("b", &[("V", "1")])];
        let internal = |id: &str, name: &str| Step {
            kind: StepKind::Internal,
            ..Step::sample(id, name, (5, 90))
        };
        let mut steps = [
            vec![
                internal("a/load build context", CONTEXT_STEP),
                internal("a/load build definition", "load build definition"),
            ],
            vec![
                internal("b/load build context", CONTEXT_STEP),
                internal("b/load build definition", "load build definition"),
            ],
        ];
        mark_shared(&targets, &mut steps);
        let context = &steps[1][0];
        assert_eq!(context.shared_with.as_deref(), Some("a/load build context"));
        assert_eq!(context.duration_ms, 0);
        let definition = &steps[1][1];
        assert_eq!(definition.shared_with, None, "each reads its own");
    }

    #[test]
    fn targets_with_other_arguments_share_nothing() {
        let targets = [target("a", &[("V", "1")]), target("b", &[("V", "2")])];
        let mut steps = [
            vec![step("a/build/1", "RUN make", true)],
            vec![step("b/build/1", "RUN make", false)],
        ];
        mark_shared(&targets, &mut steps);
        assert_eq!(
            (&steps[0][0].shared_with, steps[0][0].cached),
            (&None, Some(true))
        );
    }
}
