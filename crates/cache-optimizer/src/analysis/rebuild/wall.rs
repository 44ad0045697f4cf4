//! How long a build takes when some steps run: the longest chain of what waits for each other.
//!
//! Targets start as the build's own schedule has them: in the plan's order, so many at once as were
//! allowed. That more work at once slows each other down is in it only as far as it was when the steps
//! were measured.

use super::graph::Graph;
use super::times::Times;
use crate::model::history::Record;

/// Milliseconds from the build's start to the end of each target.
pub(super) fn ends_ms(
    graph: &Graph<'_>,
    times: &Times<'_>,
    record: &Record,
    runs: &[bool],
) -> Vec<u64> {
    let mut ends_ms: Vec<Option<u64>> = vec![None; graph.targets.len()];
    let mut done_ms: Vec<Option<u64>> = vec![None; graph.nodes.len()];
    let mut free_ms = vec![0; record.parallel_max.clamp(1, graph.targets.len().max(1))];
    while let Some((target, ready_ms)) = next(graph, record, &ends_ms) {
        free_ms.sort_unstable();
        let started_ms = ready_ms.max(free_ms[0]);
        let ended_ms = target_end_ms(graph, times, (target, started_ms), runs, &mut done_ms);
        free_ms[0] = ended_ms;
        ends_ms[target] = Some(ended_ms);
    }
    ends_ms.into_iter().map(Option::unwrap_or_default).collect()
}

/// The target that starts next, and when all that it waits for is there.
fn next(graph: &Graph<'_>, record: &Record, ends_ms: &[Option<u64>]) -> Option<(usize, u64)> {
    let open = (0..graph.targets.len()).filter(|&target| ends_ms[target].is_none());
    let ready = open.map(|target| {
        let needed = record.depends_on.get(&graph.targets[target].name);
        let needed = needed.into_iter().flatten();
        let mut ends = needed.map(|name| {
            let index = graph.targets.iter().position(|other| other.name == *name);
            // What is not in the report is there.
            index.map_or(Some(0), |index| ends_ms[index])
        });
        let ready_ms = ends.try_fold(0, |ready_ms: u64, end_ms| Some(ready_ms.max(end_ms?)));
        (target, ready_ms)
    });
    // One whose needs are not done comes last; a circle, which no plan has, is cut there.
    let first = ready.min_by_key(|&(target, ready_ms)| (ready_ms.unwrap_or(u64::MAX), target));
    first.map(|(target, ready_ms)| (target, ready_ms.unwrap_or(0)))
}

fn target_end_ms(
    graph: &Graph<'_>,
    times: &Times<'_>,
    (target, started_ms): (usize, u64),
    runs: &[bool],
    done_ms: &mut [Option<u64>],
) -> u64 {
    let around = &times.targets[target];
    let lead_end_ms = started_ms + around.lead_ms;
    let mut step_ends_ms = vec![lead_end_ms; graph.nodes.len()];
    let mut last_ms = lead_end_ms;
    let own = graph.order.iter().copied();
    for index in own.filter(|&index| graph.nodes[index].target == target) {
        let node = &graph.nodes[index];
        let used = node.uses.iter().map(|used| step_ends_ms[used.node]);
        let ready_ms = used.fold(lead_end_ms, u64::max);
        let mut end_ms = ready_ms;
        if runs[index] {
            // The first to need some work does it; whoever needs it later waits for it.
            let done_ms = done_ms[node.worker].get_or_insert_with(|| {
                let measured = times.steps[node.worker];
                ready_ms + measured.map_or(0, |it| it.lag_ms + it.duration_ms)
            });
            end_ms = end_ms.max(*done_ms);
        }
        step_ends_ms[index] = end_ms;
        last_ms = last_ms.max(end_ms);
    }
    let is_new = graph.is_image_new(target, runs);
    last_ms
        + if is_new {
            around.new_image_ms
        } else {
            around.old_image_ms
        }
}
