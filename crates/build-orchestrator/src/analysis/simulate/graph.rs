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
        for at in 0..steps.len() {
            steps[at].after = after(&steps, at, &index);
        }
        let ends_ms = ends_ms(&steps, build);
        for at in 0..steps.len() {
            if let Some((started_ms, _)) = span_ms(steps[at].step) {
                steps[at].lag_ms = started_ms.saturating_sub(ready_ms(&steps, at, &ends_ms, build));
            }
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

/// Start and end of a step that did work. The builder tells of all others when it likes, often not
/// before the end, so that their times say nothing.
fn span_ms(step: &RecordedStep) -> Option<(u64, u64)> {
    let did_work = step.shared_with.is_none() && step.cached != Some(true);
    let started_ms = step.started_ms.filter(|_| did_work)?;
    Some((started_ms, started_ms + step.duration_ms))
}

/// When each step had its result. One that did no work had it as soon as what it uses was there,
/// and, if it is shared, the work was done.
fn ends_ms(steps: &[Node<'_>], build: &RecordedBuild) -> Vec<u64> {
    let recorded = |node: &Node<'_>| span_ms(node.step).map(|(_, ended_ms)| ended_ms);
    let mut ends_ms: Vec<u64> = steps
        .iter()
        .map(|node| {
            recorded(node)
                .or(recorded(&steps[node.worker]))
                .unwrap_or(0)
        })
        .collect();
    // Each round carries an end one step further. Steps mostly stand in the order in which they
    // need each other, so that few rounds do.
    for _ in 0..steps.len() {
        let mut is_settled = true;
        for at in 0..steps.len() {
            let end_ms = ends_ms[at].max(ready_ms(steps, at, &ends_ms, build));
            if span_ms(steps[at].step).is_none() && end_ms != ends_ms[at] {
                ends_ms[at] = end_ms;
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
    ends_ms
}

/// When all that a step waits for was there, and its target under way. The builder gives work of
/// its own, such as loading the context, the times that it had for an earlier target.
fn ready_ms(steps: &[Node<'_>], at: usize, ends_ms: &[u64], build: &RecordedBuild) -> u64 {
    let started_ms = build.targets[steps[at].target].started_ms;
    let ends_ms = steps[at].after.iter().map(|&before| ends_ms[before]);
    ends_ms.fold(started_ms, u64::max)
}

/// What a step waits for: what it uses; the export, all of its target; and what uses nothing, the
/// builder's own work before it, as the builder plans before it builds.
fn after(steps: &[Node<'_>], at: usize, index: &HashMap<&str, usize>) -> Vec<usize> {
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
    let own_work = |other: usize| {
        let step = steps[other].step;
        let (work_started_ms, ended_ms) = span_ms(step).filter(|_| step.is_internal)?;
        let is_earlier = ended_ms <= started_ms && work_started_ms < started_ms;
        is_earlier.then_some((ended_ms, other))
    };
    let last = siblings().filter_map(own_work).max();
    last.map(|(_, other)| other).into_iter().collect()
}
