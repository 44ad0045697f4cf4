//! Steps that one target ran and others shared.
//!
//! BuildKit runs a step once, in whichever target asks first, and tells the others that it is
//! cached: without this, a build whose cache is switched off would seem to have hits.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::model::plan::Target;
use crate::model::step::{Step, StepKind};

/// What has to be equal for steps of two targets to be the same work: Dockerfile, context, platform
/// and build arguments, then stage and name. Targets whose arguments differ share nothing here,
/// although they may where no step uses the difference.
type Work<'a> = (
    (
        &'a Path,
        &'a Path,
        Option<&'a str>,
        &'a BTreeMap<String, String>,
    ),
    (Option<String>, String),
);

/// Marks the steps that another target of the same build ran. `steps` has those of each target.
pub(crate) fn mark_shared(targets: &[Target], steps: &mut [Vec<Step>]) {
    let mut ran: HashMap<Work<'_>, String> = HashMap::new();
    for (target, steps) in targets.iter().zip(steps.iter()) {
        for step in steps.iter().filter(|step| step.failure.is_none()) {
            if step.kind == StepKind::Instruction && step.cached == Some(false) {
                ran.entry(work(target, step))
                    .or_insert_with(|| step.id.clone());
            }
        }
    }
    for (target, steps) in targets.iter().zip(steps) {
        for step in steps.iter_mut().filter(|step| step.cached == Some(true)) {
            step.shared_with = ran.get(&work(target, step)).cloned();
            if step.shared_with.is_some() {
                step.cached = Some(false);
            }
        }
    }
}

fn work<'a>(target: &'a Target, step: &Step) -> Work<'a> {
    let origin = (
        target.dockerfile_path.as_path(),
        target.context_dir.as_path(),
        target.platform.as_deref(),
        &target.build_args,
    );
    (origin, (step.stage.clone(), step.name.clone()))
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
