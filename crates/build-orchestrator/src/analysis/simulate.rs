//! What a recorded build would take under other conditions: the build replayed, event by event.
//!
//! Steps take as long as they did, and wait as long as they did after what they use, whatever runs
//! beside them: that more targets at once slow each other down is not in it.

mod events;
mod graph;

use std::collections::{BTreeMap, HashSet};

use super::critical_path::Link;
use crate::model::recorded::RecordedBuild;
use events::Replay;
use graph::Graph;

/// The conditions of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// How many targets may build at once, at least 1.
    pub(crate) parallel_max: usize,
    /// What steps take instead of what they took, by id.
    pub(crate) durations_ms: BTreeMap<String, u64>,
}

/// How a replayed build went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Simulation {
    /// What the build takes.
    pub(crate) duration_ms: u64,
    /// Start and end of each target, in the plan's order.
    pub(crate) targets: Vec<(u64, u64)>,
    /// The chain of steps that decides it, first to last.
    pub(crate) critical_path: Vec<Link>,
}

/// Replays a build.
pub(crate) fn simulate(build: &RecordedBuild, conditions: &Conditions) -> Simulation {
    let graph = Graph::new(build);
    let replay = Replay::run(&graph, build, conditions);
    Simulation {
        duration_ms: replay
            .targets
            .iter()
            .map(|target| target.ended_ms)
            .max()
            .unwrap_or(0),
        critical_path: critical_path(&graph, &replay),
        targets: replay
            .targets
            .iter()
            .map(|target| (target.started_ms, target.ended_ms))
            .collect(),
    }
}

/// From the last end back to the start, each time to what was waited for.
fn critical_path(graph: &Graph<'_>, replay: &Replay) -> Vec<Link> {
    let mut ends = replay.targets.iter().enumerate();
    let last = ends.by_ref().max_by_key(|(_, target)| target.ended_ms);
    let mut current = last.and_then(|(_, target)| target.last_step);
    let mut seen = HashSet::new();
    let mut chain = Vec::new();
    while let Some(index) = current.filter(|&index| seen.insert(index)) {
        let step = &replay.steps[index];
        if let Some(worker) = step.waited_for_worker {
            current = Some(worker);
            continue;
        }
        if step.ended_ms > step.started_ms {
            chain.push(index);
        }
        let target = &replay.targets[graph.steps[index].target];
        current = step.awaited.or_else(|| {
            let awaited = target.awaited?;
            replay.targets[awaited].last_step
        });
    }
    chain.reverse();
    let mut previous_end_ms = 0;
    let link = |index: usize| {
        let step = &replay.steps[index];
        let link = Link {
            // As it was recorded, whoever does the work now.
            step: graph.steps[graph.steps[index].worker].step.id.clone(),
            duration_ms: step.ended_ms - step.started_ms,
            waited_ms: step.started_ms.saturating_sub(previous_end_ms),
        };
        previous_end_ms = step.ended_ms;
        link
    };
    chain.into_iter().map(link).collect()
}

#[cfg(test)]
mod tests;
