//! Finds the step of an earlier build that a step of this one continues.
//!
//! By target, stage and text; never by the builder's digests, which differ from build to build. A stage
//! may have been renamed.
//! Source: research/cache.md section 2.3

use std::collections::{HashMap, HashSet};

use super::edits::decisive_above;
use crate::model::build::{Stage, Step, Target};

/// What makes a step of one build the same as one of another: its stage, its text, and which of the
/// steps of that text in that stage it is, from 0.
pub(crate) type StepKey<'a> = (&'a str, &'a str, usize);

/// The target as an earlier build made it.
#[derive(Debug)]
pub(crate) struct Earlier<'a> {
    pub(crate) target: &'a Target,
    steps: HashMap<StepKey<'a>, &'a Step>,
    /// What stages were called then, by what they are called now, where that differs.
    renamed: HashMap<&'a str, &'a str>,
}

impl<'a> Earlier<'a> {
    /// `target` as it was before it became `now`.
    pub(crate) fn new(target: &'a Target, now: &'a Target) -> Self {
        Self {
            target,
            steps: keyed_instructions(target).into_iter().collect(),
            renamed: renamed(target, now),
        }
    }

    /// Whether the earlier Dockerfile had the instruction of this key, even if its build ended before
    /// the builder announced the step.
    pub(crate) fn has_instruction(&self, key: StepKey<'_>) -> bool {
        let (label, text, nth) = key;
        let label = self.label_then(label);
        let mut stages = self.target.stages.iter();
        let planned = stages
            .find(|stage| stage.label == label)
            .is_some_and(|stage| {
                let equal = stage.texts.values().filter(|planned| *planned == text);
                equal.count() > nth
            });
        planned || self.step(key).is_some()
    }

    /// The step with this key.
    pub(crate) fn step(&self, key: StepKey<'_>) -> Option<&'a Step> {
        let (label, text, nth) = key;
        self.steps
            .get(&(self.label_then(label), text, nth))
            .copied()
    }

    /// The step of another stage that does the same from the same start. A builder makes one of such
    /// steps, and names it after either stage.
    pub(crate) fn merged(&self, step: &Step, now: &Target) -> Option<&'a Step> {
        let start = start(step, now);
        let above = decisive_above(step, now);
        let mut steps = self.target.steps.iter();
        steps.find(|other| {
            other.is_instruction
                && other.text == step.text
                && decisive_above(other, self.target) == above
                && self::start(other, self.target) == start
        })
    }

    /// Whether a step left a result that a later build could take. In a target that was built, a step
    /// that did not start was not needed, because what uses it was cached. In any other, a step that ran
    /// may have been broken off, unless one that uses its result began.
    pub(crate) fn has_result(&self, step: &Step) -> bool {
        let is_used = |user: &Step| {
            user.cached == Some(false)
                && user.started_ms.is_some()
                && user.depends_on.contains(&step.id)
        };
        self.target.is_built
            || self.target.hits().any(|hit| hit.id == step.id)
            || self.target.steps.iter().any(is_used)
    }

    /// What a stage was called then.
    pub(crate) fn label_then<'b>(&'b self, label: &'b str) -> &'b str {
        self.renamed.get(label).copied().unwrap_or(label)
    }
}

/// The image that a step's stage goes back to, as its `FROM` reads. `None` when that is nothing.
fn start<'a>(step: &Step, target: &'a Target) -> Option<&'a str> {
    let label = step.stage.as_deref()?;
    let root = target.stage_chain(label).last()?;
    let mut bases = target.steps.iter().filter(|step| step.is_base);
    let base = bases.find(|base| base.stage.as_deref() == Some(&root.label))?;
    Some(&base.text)
}

/// The stages of `now` whose label is new, each with a stage whose label is gone and that has an
/// instruction in common with it. A stage's name is not in the cache key of its steps.
fn renamed<'a>(earlier: &'a Target, now: &'a Target) -> HashMap<&'a str, &'a str> {
    let has_label = |target: &Target, label: &str| target.stages.iter().any(|s| s.label == label);
    let is_gone = |stage: &&Stage| !has_label(now, &stage.label);
    let mut gone: Vec<_> = earlier.stages.iter().filter(is_gone).collect();
    let mut renamed = HashMap::new();
    let is_new = |stage: &&Stage| !has_label(earlier, &stage.label);
    for stage in now.stages.iter().filter(is_new) {
        let texts: HashSet<_> = stage.texts.values().collect();
        let has_common = |other: &&Stage| other.texts.values().any(|text| texts.contains(text));
        if let Some(at) = gone.iter().position(has_common) {
            renamed.insert(stage.label.as_str(), gone.remove(at).label.as_str());
        }
    }
    renamed
}

/// The instructions of a target, each with what makes it the same in another build.
pub(crate) fn keyed_instructions(target: &Target) -> Vec<(StepKey<'_>, &Step)> {
    let mut steps: Vec<_> = target.steps.iter().filter(|s| s.is_instruction).collect();
    // Steps come as they started; only the Dockerfile's order is the same in both builds.
    steps.sort_by_key(|step| step.place.as_ref().map(|place| place.line));
    let mut seen = HashMap::<_, usize>::new();
    let keyed = steps.into_iter().map(|step| {
        let stage = step.stage.as_deref().unwrap_or_default();
        let text = step.text.as_str();
        let count = seen.entry((stage, text)).or_default();
        let key = (stage, text, *count);
        *count += 1;
        (key, step)
    });
    keyed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{at_line, cached, in_stage, ran, stage, target};

    #[test]
    fn steps_of_equal_text_are_told_apart_by_their_order() {
        let earlier = target([
            at_line(9, ran("RUN make", 2)),
            at_line(5, ran("RUN make", 1)),
        ]);
        let earlier = Earlier::new(&earlier, &earlier);
        let duration = |nth| {
            earlier
                .step(("build", "RUN make", nth))
                .map(|s| s.duration_ms)
        };
        assert_eq!(
            [duration(0), duration(1), duration(2)],
            [Some(1), Some(2), None]
        );
    }

    #[test]
    fn a_step_that_another_stage_made_from_the_same_start_is_found() {
        let written = |label: &str, texts: &[&str]| {
            let lines = (2..).zip(texts);
            let mut stage = stage(0, label, None, Vec::new());
            stage.texts = lines.map(|(n, &text)| (n, text.to_owned())).collect();
            let mut target = target([at_line(3, in_stage(label, ran("RUN make", 1)))]);
            target.stages = vec![stage];
            target
        };
        let now = written("build", &["COPY a a", "RUN make"]);
        let found = |then: &Target| {
            let earlier = Earlier::new(then, &now);
            earlier.merged(&now.steps[0], &now).is_some()
        };
        assert!(found(&written("test", &["COPY a a", "RUN make"])));
        assert!(!found(&written("test", &["COPY b b", "RUN make"])));
    }

    #[test]
    fn a_step_of_another_stage_is_another_step() {
        let earlier = target([cached("RUN make")]);
        let earlier = Earlier::new(&earlier, &earlier);
        assert!(earlier.step(("test", "RUN make", 0)).is_none());
    }
}
