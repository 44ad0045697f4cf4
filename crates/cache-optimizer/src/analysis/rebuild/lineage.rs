//! What makes a step the same as one of another target or build: its text, and the steps that it uses.
//!
//! A builder merges equal steps of several stages, and calls the one that is left now by one stage and
//! now by another, so that its name does not tell.

use std::collections::HashMap;

use crate::model::build::{Step, Target};

/// A number that equal steps have in common.
pub(super) type Lineage = usize;

/// The steps that are known, each by its text and the lineages of what it uses.
#[derive(Debug, Default)]
pub(super) struct Lineages {
    known: HashMap<(String, Vec<Lineage>), Lineage>,
}

impl Lineages {
    /// The lineage of each step of a target, in its order.
    pub(super) fn of(&mut self, target: &Target) -> Vec<Lineage> {
        let uses = uses(&target.steps);
        let mut lineages = vec![Lineage::MAX; target.steps.len()];
        for index in order(&uses) {
            let mut used: Vec<_> = uses[index].iter().map(|&used| lineages[used]).collect();
            used.sort_unstable();
            let next = self.known.len();
            let text = text(&target.steps[index]).to_owned();
            lineages[index] = *self.known.entry((text, used)).or_insert(next);
        }
        lineages
    }
}

/// A base is the same by its name, whatever image has the name.
fn text(step: &Step) -> &str {
    if step.is_base {
        step.text.split('@').next().unwrap_or_default()
    } else {
        &step.text
    }
}

/// The indexes of the steps that each uses, among those given.
fn uses(steps: &[Step]) -> Vec<Vec<usize>> {
    let index: HashMap<&str, usize> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| (step.id.as_str(), index))
        .collect();
    let used = |step: &Step| {
        let ids = step.depends_on.iter();
        ids.filter_map(|id| index.get(id.as_str()).copied())
            .collect()
    };
    steps.iter().map(used).collect()
}

/// The indexes, each after those that it uses. In a report whose steps use each other in circles, which
/// no builder writes, some come too early.
pub(super) fn order(uses: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(uses.len());
    let mut is_seen = vec![false; uses.len()];
    for start in 0..uses.len() {
        let mut open = vec![(start, false)];
        while let Some((at, is_done)) = open.pop() {
            if is_done {
                order.push(at);
            } else if !std::mem::replace(&mut is_seen[at], true) {
                open.push((at, true));
                open.extend(uses[at].iter().map(|&used| (used, false)));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{in_stage, ran, target, uses};

    #[test]
    fn equal_steps_after_equal_steps_are_the_same_whatever_their_stage_is_called() {
        let one = [
            ran("COPY a", 1),
            uses(&["app/build/COPY a"], ran("RUN b", 1)),
        ];
        let other = one.clone().map(|step| in_stage("other", step));
        let other = [
            other[0].clone(),
            uses(&["app/other/COPY a"], other[1].clone()),
        ];
        let mut lineages = Lineages::default();
        assert_eq!(lineages.of(&target(one)), lineages.of(&target(other)));
    }

    #[test]
    fn equal_steps_after_others_are_others() {
        let steps = [
            ran("COPY a", 1),
            uses(&["app/build/COPY a"], ran("RUN b", 1)),
            in_stage("s", ran("RUN b", 1)),
        ];
        let lineages = Lineages::default().of(&target(steps));
        assert_ne!(lineages[1], lineages[2]);
    }

    #[test]
    fn what_is_used_comes_first_and_circles_end() {
        assert_eq!(order(&[vec![1, 2], vec![2], vec![]]), [2, 1, 0]);
        assert_eq!(order(&[vec![1], vec![0]]).len(), 2);
    }
}
