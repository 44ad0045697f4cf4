//! The steps that ran, and why.

use std::cmp::Reverse;

use super::cause::{Cause, Evidence, NO_BASELINE, cause};
use super::earlier::{Earlier, keyed_instructions};
use crate::model::build::{Build, Step, Target};

/// A step that ran instead of coming from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Miss<'a> {
    pub(crate) step: &'a Step,
    pub(crate) cause: Cause,
}

/// The instructions that ran, most expensive first. Their causes are sought in the difference to
/// `baseline`, an earlier build of the same targets.
pub(crate) fn misses<'a>(build: &'a Build, baseline: Option<&Build>) -> Vec<Miss<'a>> {
    let mut misses: Vec<_> = build
        .targets
        .iter()
        .flat_map(|target| target_misses(build, target, baseline))
        .collect();
    misses.sort_by_key(|miss| (Reverse(miss.step.duration_ms), miss.step.id.as_str()));
    misses
}

fn target_misses<'a>(build: &Build, target: &'a Target, baseline: Option<&Build>) -> Vec<Miss<'a>> {
    let earlier = earlier(target, baseline);
    let keyed = keyed_instructions(target);
    let evidence = earlier
        .as_ref()
        .map(|earlier| Evidence::new(target, earlier));
    let cause_of = |key, step: &Step| match &evidence {
        _ if is_switched_off(build, target, step) => Cause::NoCache,
        Ok(evidence) => cause(key, step, evidence),
        Err(missing) => Cause::Unknown {
            missing: (*missing).clone(),
        },
    };
    let ran = keyed.iter().filter(|(_, step)| step.is_miss());
    ran.map(|&(key, step)| Miss {
        step,
        cause: cause_of(key, step),
    })
    .collect()
}

/// Whether the cache was switched off: for all, for the target, or for the step's stage.
fn is_switched_off(build: &Build, target: &Target, step: &Step) -> bool {
    let settings = &target.settings;
    let is_own = |stage: &String| {
        let label = step.stage.as_deref();
        label.is_some_and(|label| label.eq_ignore_ascii_case(stage))
    };
    build.no_cache || settings.no_cache || settings.no_cache_stages.iter().any(is_own)
}

/// The target as the baseline has it, else what is missing for that.
fn earlier<'a>(target: &'a Target, baseline: Option<&'a Build>) -> Result<Earlier<'a>, String> {
    let Some(baseline) = baseline else {
        return Err(NO_BASELINE.to_owned());
    };
    let mut targets = baseline.targets.iter();
    match targets.find(|earlier| earlier.name == target.name) {
        Some(earlier) => Ok(Earlier::new(earlier, target)),
        None => Err(format!("an earlier build of the target `{}`", target.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{build, cached, ran, target};

    fn unknown(missing: &str) -> Cause {
        Cause::Unknown {
            missing: missing.to_owned(),
        }
    }

    #[test]
    fn the_most_expensive_step_comes_first() {
        let build = build([target([ran("RUN a", 1), cached("RUN b"), ran("RUN c", 9)])]);
        let misses = misses(&build, None);
        let names: Vec<_> = misses.iter().map(|m| m.step.name.as_str()).collect();
        assert_eq!(names, ["RUN c", "RUN a"]);
    }

    #[test]
    fn without_an_earlier_build_no_cause_is_known() {
        let build = build([target([ran("RUN a", 1)])]);
        let cause = &misses(&build, None)[0].cause;
        assert_eq!(*cause, unknown("an earlier build report (`--baseline`)"));
    }

    #[test]
    fn a_target_that_the_earlier_build_did_not_have_is_named() {
        let now = build([target([ran("RUN a", 1)])]);
        let mut before = now.clone();
        before.targets[0].name = "other".to_owned();
        let cause = &misses(&now, Some(&before))[0].cause;
        assert_eq!(*cause, unknown("an earlier build of the target `app`"));
    }

    #[test]
    fn with_the_cache_switched_off_that_is_the_cause_of_all() {
        let mut build = build([target([ran("RUN a", 1)])]);
        build.no_cache = true;
        assert_eq!(misses(&build, None)[0].cause, Cause::NoCache);
    }

    #[test]
    fn a_stage_whose_cache_was_switched_off_explains_its_own_steps_only() {
        let mut build = build([target([ran("RUN a", 1)])]);
        build.targets[0].settings.no_cache_stages = vec!["Build".to_owned()];
        assert_eq!(misses(&build, None)[0].cause, Cause::NoCache);
        build.targets[0].settings.no_cache_stages = vec!["other".to_owned()];
        assert_ne!(misses(&build, None)[0].cause, Cause::NoCache);
    }
}
