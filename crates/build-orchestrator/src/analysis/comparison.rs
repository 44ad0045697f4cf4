//! How one build differs from an earlier one, step by step.
//!
//! Steps are the same when target, stage and text are, and among equal ones their order in the
//! Dockerfile. A step that another target did is compared where it was done.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::model::recorded::{RecordedBuild, RecordedStep, RecordedTarget};

/// Differences of time below this are noise, and so are those below [`NOISE_RATIO`].
///
/// Chosen: what starting a container varies by on a busy machine.
const NOISE_MS: u64 = 100;

/// See [`NOISE_MS`]. Chosen: what equal runs of compilers and package managers vary by.
const NOISE_RATIO: f64 = 0.2;

/// How a step differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// It came from the cache, and runs now.
    BeganToMiss,
    /// It ran, and comes from the cache now.
    BeganToHit,
    /// It takes longer.
    Slower,
    /// It takes less time.
    Faster,
    /// Only the later build has it.
    New,
    /// Only the earlier build has it.
    Gone,
}

/// A step that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StepDifference<'a> {
    pub(crate) difference: Difference,
    /// The target's name.
    pub(crate) target: &'a str,
    /// The step, in the later build if it has it.
    pub(crate) step: &'a RecordedStep,
    /// How long it ran earlier. `None` when that build did not have it.
    pub(crate) before_ms: Option<u64>,
    /// How long it runs now. `None` when this build does not have it.
    pub(crate) after_ms: Option<u64>,
}

impl StepDifference<'_> {
    fn change_ms(&self) -> u64 {
        let [before, after] = [self.before_ms, self.after_ms].map(Option::unwrap_or_default);
        before.abs_diff(after)
    }
}

/// All differences between two builds, and how many steps have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison<'a> {
    /// Those that cost or save most first.
    pub(crate) steps: Vec<StepDifference<'a>>,
    pub(crate) unchanged_count: usize,
}

/// Compares the targets that both builds have.
pub(crate) fn comparison<'a>(
    before: &'a RecordedBuild,
    after: &'a RecordedBuild,
) -> Comparison<'a> {
    let work = Work::new(before);
    let mut steps = Vec::new();
    let mut unchanged_count = 0;
    for target in &after.targets {
        let mut earlier = before.targets.iter();
        let Some(earlier) = earlier.find(|earlier| earlier.name == target.name) else {
            continue;
        };
        let found = target_differences(earlier, target, &work);
        unchanged_count += found.iter().filter(|step| step.is_none()).count();
        steps.extend(found.into_iter().flatten());
    }
    steps.sort_by_key(|found| (Reverse(found.change_ms()), &found.step.id));
    Comparison {
        steps,
        unchanged_count,
    }
}

/// Whether a time is longer than another by more than noise.
pub(crate) fn is_longer(before_ms: u64, after_ms: u64) -> bool {
    let change_ms = after_ms.saturating_sub(before_ms);
    change_ms >= NOISE_MS && change_ms as f64 >= before_ms as f64 * NOISE_RATIO
}

/// The steps of a build by id, to find who did a shared step's work.
struct Work<'a>(HashMap<&'a str, &'a RecordedStep>);

impl<'a> Work<'a> {
    fn new(build: &'a RecordedBuild) -> Self {
        let steps = build.targets.iter().flat_map(|target| &target.steps);
        Self(steps.map(|step| (step.id.as_str(), step)).collect())
    }

    /// The step that did the work of one.
    fn of(&self, step: &'a RecordedStep) -> &'a RecordedStep {
        let worker = step.shared_with.as_deref();
        let worker = worker.and_then(|worker| self.0.get(worker).copied());
        worker.unwrap_or(step)
    }
}

/// The differences of one target's steps; `None` stands for one that is as it was.
fn target_differences<'a>(
    earlier: &'a RecordedTarget,
    target: &'a RecordedTarget,
    before: &Work<'a>,
) -> Vec<Option<StepDifference<'a>>> {
    let then: HashMap<_, _> = keyed(earlier).into_iter().collect();
    let now = keyed(target);
    let keys: HashSet<_> = now.iter().map(|(key, _)| *key).collect();
    let own = now.iter().filter(|(_, step)| step.shared_with.is_none());
    let compared = own.map(|(key, step)| {
        let earlier = then.get(key).copied();
        // What another target did, and the cache now does, differs where it was done.
        if earlier.is_some_and(|earlier| earlier.shared_with.is_some()) && step.cached == Some(true)
        {
            return None;
        }
        step_difference(
            &target.name,
            earlier.map(|earlier| before.of(earlier)),
            step,
        )
    });
    let gone = keyed(earlier).into_iter();
    let gone = gone.filter(|(key, step)| !keys.contains(key) && step.shared_with.is_none());
    let gone = gone.map(|(_, step)| {
        Some(StepDifference {
            difference: Difference::Gone,
            target: &target.name,
            step,
            before_ms: Some(step.duration_ms),
            after_ms: None,
        })
    });
    compared.chain(gone).collect()
}

fn step_difference<'a>(
    target: &'a str,
    earlier: Option<&'a RecordedStep>,
    step: &'a RecordedStep,
) -> Option<StepDifference<'a>> {
    let difference = match earlier {
        None => Difference::New,
        Some(earlier) => match (earlier.cached?, step.cached?) {
            (true, true) => return None,
            (true, false) if is_cacheable(step) => Difference::BeganToMiss,
            (false, true) if is_cacheable(step) => Difference::BeganToHit,
            _ if is_longer(earlier.duration_ms, step.duration_ms) => Difference::Slower,
            _ if is_longer(step.duration_ms, earlier.duration_ms) => Difference::Faster,
            _ => return None,
        },
    };
    Some(StepDifference {
        difference,
        target,
        step,
        before_ms: earlier.map(|earlier| earlier.duration_ms),
        after_ms: Some(step.duration_ms),
    })
}

/// Whether it says something when the step comes from the cache: the builder's own work, finding an
/// image and writing one are done each time.
fn is_cacheable(step: &RecordedStep) -> bool {
    step.line.is_some() && !step.text.starts_with("FROM ")
}

/// The stage, the text, and which of the steps of that text in that stage it is.
type Key<'a> = (&'a str, &'a str, usize);

fn keyed(target: &RecordedTarget) -> Vec<(Key<'_>, &RecordedStep)> {
    let mut steps: Vec<&RecordedStep> = target.steps.iter().collect();
    // Steps come as they started; only the Dockerfile's order is the same in both builds.
    steps.sort_by_key(|step| step.line);
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    let keyed = steps.into_iter().map(|step| {
        let count = seen.entry((&step.stage, &step.text)).or_default();
        let key = (step.stage.as_str(), step.text.as_str(), *count);
        *count += 1;
        (key, step)
    });
    keyed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str, line: u32, cached: bool, duration_ms: u64) -> RecordedStep {
        RecordedStep {
            id: format!("app/build/{line}"),
            stage: "build".to_owned(),
            text: text.to_owned(),
            line: Some(line),
            cached: Some(cached),
            duration_ms,
            ..RecordedStep::default()
        }
    }

    fn build(steps: Vec<RecordedStep>) -> RecordedBuild {
        RecordedBuild {
            targets: vec![RecordedTarget {
                name: "app".to_owned(),
                steps,
                ..RecordedTarget::default()
            }],
            ..RecordedBuild::default()
        }
    }

    fn differences(
        before: Vec<RecordedStep>,
        after: Vec<RecordedStep>,
    ) -> Vec<(String, Difference)> {
        let (before, after) = (build(before), build(after));
        let found = comparison(&before, &after);
        let named = found.steps.iter();
        named
            .map(|found| (found.step.text.clone(), found.difference))
            .collect()
    }

    #[test]
    fn steps_that_differ_are_found_with_how_and_in_order_of_cost() {
        let before = vec![
            step("RUN same", 2, false, 1000),
            step("RUN slower", 3, false, 1000),
            step("RUN faster", 4, false, 1000),
            step("RUN misses", 5, true, 0),
            step("RUN hits", 6, false, 50),
            step("RUN gone", 7, false, 10),
        ];
        let after = vec![
            step("RUN new", 2, false, 20),
            step("RUN same", 3, false, 1199),
            step("RUN slower", 4, false, 1200),
            step("RUN faster", 5, false, 700),
            step("RUN misses", 6, false, 900),
            step("RUN hits", 7, true, 0),
        ];
        let expected = [
            ("RUN misses", Difference::BeganToMiss),
            ("RUN faster", Difference::Faster),
            ("RUN slower", Difference::Slower),
            ("RUN hits", Difference::BeganToHit),
            ("RUN new", Difference::New),
            ("RUN gone", Difference::Gone),
        ];
        let expected = expected.map(|(text, difference)| (text.to_owned(), difference));
        assert_eq!(differences(before, after), expected);
    }

    #[test]
    fn small_and_slight_changes_are_noise() {
        assert!(!is_longer(10, 109));
        assert!(is_longer(10, 110));
        assert!(!is_longer(10_000, 11_999));
        assert!(is_longer(10_000, 12_000));
    }

    #[test]
    fn equal_texts_are_told_apart_by_their_order_whenever_they_started() {
        let before = vec![step("RUN x", 2, false, 0), step("RUN x", 5, false, 900)];
        let after = vec![step("RUN x", 6, false, 900), step("RUN x", 3, false, 0)];
        assert_eq!(differences(before, after), []);
    }

    #[test]
    fn a_shared_step_counts_where_it_was_done() {
        let mut shared = build(vec![step("RUN x", 2, false, 0)]);
        shared.targets[0].steps[0].shared_with = Some("other/build/2".to_owned());
        let mut other = build(vec![step("RUN x", 2, false, 500)]);
        other.targets[0].name = "other".to_owned();
        other.targets[0].steps[0].id = "other/build/2".to_owned();
        shared.targets.append(&mut other.targets);
        let alone = build(vec![step("RUN x", 2, false, 510)]);
        assert_eq!(comparison(&shared, &alone).steps, []);
        assert_eq!(comparison(&shared, &shared).unchanged_count, 1);
        let mut cached = shared.clone();
        for target in &mut cached.targets {
            target.steps = vec![step("RUN x", 2, true, 0)];
        }
        let found = comparison(&shared, &cached);
        let targets: Vec<&str> = found.steps.iter().map(|step| step.target).collect();
        assert_eq!(targets, ["other"]);
    }

    #[test]
    fn a_step_without_a_result_is_compared_with_nothing() {
        let mut broken_off = step("RUN x", 2, false, 9000);
        broken_off.cached = None;
        assert_eq!(
            differences(vec![step("RUN x", 2, false, 1)], vec![broken_off]),
            []
        );
    }
}
