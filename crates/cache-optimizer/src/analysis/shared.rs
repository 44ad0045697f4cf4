//! Steps that one target ran and others shared.
//!
//! The builder runs a step once, in whichever target asks first, and then reports it as cached in the
//! others: such a hit is no older than the build.

use std::collections::{BTreeMap, HashMap};

use super::earlier::{StepKey, keyed_instructions};
use crate::model::build::{Build, Step, Target};

/// What has to be equal for steps of two targets to be the same: Dockerfile, context, platform, and
/// build arguments.
type Origin<'a> = (
    &'a str,
    &'a str,
    Option<&'a str>,
    &'a BTreeMap<String, String>,
);

/// The steps that ran in a build, to be found from any of its targets.
#[derive(Debug)]
pub(crate) struct SharedRuns<'a> {
    runs: HashMap<(Origin<'a>, StepKey<'a>), &'a Step>,
}

impl<'a> SharedRuns<'a> {
    pub(crate) fn new(build: &'a Build) -> Self {
        let mut runs = HashMap::new();
        for target in &build.targets {
            let keyed = keyed_instructions(target).into_iter();
            for (key, step) in keyed.filter(|(_, step)| step.is_miss() && !step.is_failed) {
                runs.entry((origin(target), key)).or_insert(step);
            }
        }
        Self { runs }
    }

    /// The step of any target that ran, and that is the step of `target` with this key.
    pub(crate) fn run(&self, target: &Target, key: StepKey<'_>) -> Option<&'a Step> {
        self.runs.get(&(origin(target), key)).copied()
    }
}

fn origin(target: &Target) -> Origin<'_> {
    (
        &target.dockerfile_path,
        &target.context_dir,
        target.platform.as_deref(),
        &target.build_args,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{build, cached, ran, target};

    const KEY: StepKey<'static> = ("build", "RUN a", 0);

    #[test]
    fn a_step_that_another_target_ran_is_found() {
        let build = build([target([cached("RUN a")]), target([ran("RUN a", 7)])]);
        let run = SharedRuns::new(&build).run(&build.targets[0], KEY).unwrap();
        assert_eq!(run.duration_ms, 7);
    }

    #[test]
    fn a_target_with_other_arguments_or_of_another_platform_shares_nothing() {
        let mut other_args = target([ran("RUN a", 7)]);
        other_args.build_args.insert("A".to_owned(), "1".to_owned());
        let mut other_platform = target([ran("RUN a", 7)]);
        other_platform.platform = Some("linux/arm64".to_owned());
        let build = build([target([cached("RUN a")]), other_args, other_platform]);
        let shared = SharedRuns::new(&build);
        assert!(shared.run(&build.targets[0], KEY).is_none());
    }
}
