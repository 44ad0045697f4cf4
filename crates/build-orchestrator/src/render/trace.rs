//! A build as a trace: a process for each target, and as many lanes as its steps overlap.

use common::report::{BuildData, StepBuild, Trace, TraceEvent};
use std::collections::BTreeMap;

/// The steps that started, those on the critical path in the category `critical`.
pub(crate) fn trace(data: &BuildData) -> Trace {
    let mut events = Vec::new();
    for (index, target) in data.targets.iter().enumerate() {
        let pid = index + 1;
        events.push(TraceEvent {
            name: "process_name".to_owned(),
            cat: String::new(),
            ph: "M".to_owned(),
            ts: 0,
            dur: 0,
            pid,
            tid: 0,
            args: BTreeMap::from([("name".to_owned(), target.plan.name.clone())]),
        });
        let mut steps: Vec<(u64, &StepBuild)> = target
            .steps
            .iter()
            .filter_map(|step| Some((step.started_ms?, step)))
            .collect();
        steps.sort_by_key(|(started_ms, _)| *started_ms);
        let mut lane_ends: Vec<u64> = Vec::new();
        for (started_ms, step) in steps {
            let lane = free_lane(&mut lane_ends, started_ms, step.duration_ms);
            let is_critical = data.critical_path.iter().any(|link| link.step == step.id);
            events.push(span(step, started_ms, pid, lane + 1, is_critical));
        }
    }
    Trace {
        display_time_unit: "ms".to_owned(),
        trace_events: events,
    }
}

/// The first lane that is free at a time, which it then takes.
fn free_lane(lane_ends: &mut Vec<u64>, started_ms: u64, duration_ms: u64) -> usize {
    let end_ms = started_ms + duration_ms;
    if let Some(lane) = lane_ends.iter().position(|&end| end <= started_ms) {
        lane_ends[lane] = end_ms;
        return lane;
    }
    lane_ends.push(end_ms);
    lane_ends.len() - 1
}

fn span(
    step: &StepBuild,
    started_ms: u64,
    pid: usize,
    tid: usize,
    is_critical: bool,
) -> TraceEvent {
    let cache = match (&step.shared_with, step.cached) {
        (Some(_), _) => "shared",
        (None, Some(true)) => "hit",
        (None, Some(false)) => "miss",
        (None, None) => "unknown",
    };
    let mut args = BTreeMap::from([
        ("step".to_owned(), step.id.clone()),
        ("cache".to_owned(), cache.to_owned()),
        ("critical".to_owned(), is_critical.to_string()),
    ]);
    if let Some(location) = &step.location {
        args.insert("location".to_owned(), location.to_string());
    }
    TraceEvent {
        name: step.name.clone(),
        cat: if is_critical { "step,critical" } else { "step" }.to_owned(),
        ph: "X".to_owned(),
        ts: started_ms * 1000,
        dur: step.duration_ms * 1000,
        pid,
        tid,
        args,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_overlap_get_lanes_of_their_own() {
        let mut ends = Vec::new();
        let spans = [(0, 10), (5, 10), (10, 2), (12, 1), (12, 9)];
        let lanes = spans.map(|(start, duration)| free_lane(&mut ends, start, duration));
        assert_eq!(lanes, [0, 1, 0, 0, 2]);
    }
}
