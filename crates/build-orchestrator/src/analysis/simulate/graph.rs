//! The steps of a recorded build, with what each waited for and how long beyond that.

use std::collections::HashMap;

use crate::model::recorded::{RecordedBuild, RecordedStep, RecordedTarget};

/// All steps of a build.
pub(super) struct Graph<'a> {
    /// Those of the first target, then those of the next, and so on.
    pub(super) steps: Vec<Node<'a>>,
    /// How long each target went on after its last step.
    pub(super) tails_ms: Vec<u64>,
}

/// One step.
pub(super) struct Node<'a> {
    pub(super) step: &'a RecordedStep,
    /// The index of its target.
    pub(super) target: usize,
    /// The index of the step that does its work: itself, unless another target's did.
    pub(super) worker: usize,
    /// The steps of the same target that have to end first. Without any it is the target's start.
    pub(super) after: Vec<usize>,
    /// How long it waited beyond that.
    pub(super) lag_ms: u64,
}

impl<'a> Graph<'a> {
    pub(super) fn new(build: &'a RecordedBuild) -> Self {
        let targets = build.targets.iter().enumerate();
        let all = targets.flat_map(|(target, recorded)| {
            let steps = recorded.steps.iter();
            steps.map(move |step| (target, step))
        });
        let index: HashMap<&str, usize> = all
            .clone()
            .enumerate()
            .map(|(index, (_, step))| (step.id.as_str(), index))
            .collect();
        let mut steps: Vec<Node<'_>> = all
            .enumerate()
            .map(|(own, (target, step))| Node {
                step,
                target,
                worker: step
                    .shared_with
                    .as_deref()
                    .and_then(|worker| index.get(worker).copied())
                    .unwrap_or(own),
                after: Vec::new(),
                lag_ms: 0,
            })
            .collect();
        let ends_ms: Vec<u64> = (0..steps.len()).map(|at| end_ms(&steps, at)).collect();
        for at in 0..steps.len() {
            let target = &build.targets[steps[at].target];
            let after = after(&steps, at, &index, &ends_ms);
            let ready_ms = after.iter().map(|&before| ends_ms[before]).max();
            let started_ms = steps[at].step.started_ms;
            let ready_ms = ready_ms.unwrap_or(target.started_ms);
            steps[at].lag_ms = started_ms.map_or(0, |start| start.saturating_sub(ready_ms));
            steps[at].after = after;
        }
        let tail_ms = |(index, target): (usize, &RecordedTarget)| {
            let own = steps.iter().zip(&ends_ms);
            let own = own.filter(|(node, _)| node.target == index);
            let last_ms = own.map(|(_, end_ms)| *end_ms).max();
            target
                .ended_ms
                .saturating_sub(last_ms.unwrap_or(target.started_ms))
        };
        let tails_ms = build.targets.iter().enumerate().map(tail_ms).collect();
        Self { steps, tails_ms }
    }
}

/// When a step had its result: that of a shared step is there when the work is done, at the
/// earliest.
fn end_ms(steps: &[Node<'_>], at: usize) -> u64 {
    let end_ms = |step: &RecordedStep| step.started_ms.unwrap_or_default() + step.duration_ms;
    let node = &steps[at];
    match node.step.started_ms {
        // It was not asked for: what uses it was in the cache.
        None => 0,
        Some(_) => end_ms(node.step).max(end_ms(steps[node.worker].step)),
    }
}

/// What a step waits for: what it uses; the export, all of its target; and what uses nothing, the
/// builder's own work before it, as the builder plans before it builds.
fn after(
    steps: &[Node<'_>],
    at: usize,
    index: &HashMap<&str, usize>,
    ends_ms: &[u64],
) -> Vec<usize> {
    let node = &steps[at];
    let siblings = || (0..steps.len()).filter(|&other| steps[other].target == node.target);
    if node.step.is_export {
        let is_work = |&other: &usize| !steps[other].step.is_export;
        return siblings().filter(is_work).collect();
    }
    let used = node.step.depends_on.iter();
    let used: Vec<usize> = used
        .filter_map(|id| index.get(id.as_str()).copied())
        .collect();
    let Some(started_ms) = node.step.started_ms.filter(|_| used.is_empty()) else {
        return used;
    };
    let is_own_work = |&other: &usize| {
        let step = steps[other].step;
        let is_earlier = ends_ms[other] <= started_ms && step.started_ms < node.step.started_ms;
        other != at && step.is_internal && is_earlier
    };
    let last = siblings()
        .filter(is_own_work)
        .max_by_key(|&other| ends_ms[other]);
    last.into_iter().collect()
}
