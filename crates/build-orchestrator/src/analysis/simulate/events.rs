//! The replay itself: what happens when, in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Conditions;
use super::graph::{Graph, Node};
use crate::model::recorded::RecordedBuild;

/// A build that was replayed.
pub(super) struct Replay {
    pub(super) targets: Vec<TargetRun>,
    /// In the graph's order.
    pub(super) steps: Vec<StepRun>,
}

/// When a target was built.
#[derive(Clone, Default)]
pub(super) struct TargetRun {
    pub(super) started_ms: u64,
    pub(super) ended_ms: u64,
    /// The target whose end let it start. `None` when it started at once.
    pub(super) awaited: Option<usize>,
    /// The step that ended last.
    pub(super) last_step: Option<usize>,
    open_step_count: usize,
    is_ended: bool,
}

/// When a step ran.
#[derive(Clone, Default)]
pub(super) struct StepRun {
    pub(super) started_ms: u64,
    pub(super) ended_ms: u64,
    /// The step whose end let it start. `None` when that was its target's start.
    pub(super) awaited: Option<usize>,
    /// The step of another target that did its work and was not done yet.
    pub(super) waited_for_worker: Option<usize>,
    open_count: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    StepEnds(usize),
    TargetEnds(usize),
    StepStarts(usize),
}

struct Run<'a> {
    graph: &'a Graph<'a>,
    conditions: &'a Conditions,
    /// The targets that each target depends on.
    needed: Vec<Vec<usize>>,
    /// For each step those that wait for it.
    dependents: Vec<Vec<usize>>,
    /// For each work, by the index of its worker, the step that does it in this replay and its end.
    done_by: Vec<Option<(usize, u64)>>,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    waiting: Vec<usize>,
    running_count: usize,
    replay: Replay,
}

impl Replay {
    pub(super) fn run(graph: &Graph<'_>, build: &RecordedBuild, conditions: &Conditions) -> Self {
        let mut run = Run::new(graph, build, conditions);
        run.start_targets(0, None);
        while let Some(Reverse((now_ms, event))) = run.events.pop() {
            match event {
                Event::StepStarts(step) => run.start_step(step, now_ms),
                Event::StepEnds(step) => run.end_step(step, now_ms),
                Event::TargetEnds(target) => {
                    run.replay.targets[target].ended_ms = now_ms;
                    run.replay.targets[target].is_ended = true;
                    run.running_count -= 1;
                    run.start_targets(now_ms, Some(target));
                }
            }
        }
        run.replay
    }
}

impl<'a> Run<'a> {
    fn new(graph: &'a Graph<'a>, build: &RecordedBuild, conditions: &'a Conditions) -> Self {
        let mut steps = vec![StepRun::default(); graph.steps.len()];
        let mut targets = vec![TargetRun::default(); build.targets.len()];
        let mut dependents = vec![Vec::new(); graph.steps.len()];
        for (index, node) in graph.steps.iter().enumerate() {
            steps[index].open_count = node.after.len();
            targets[node.target].open_step_count += 1;
            for &before in &node.after {
                dependents[before].push(index);
            }
        }
        let position = |name: &String| build.targets.iter().position(|other| other.name == *name);
        let needed = build.targets.iter();
        Self {
            needed: needed
                .map(|target| target.depends_on.iter().filter_map(position).collect())
                .collect(),
            waiting: (0..build.targets.len()).collect(),
            done_by: vec![None; graph.steps.len()],
            events: BinaryHeap::new(),
            running_count: 0,
            replay: Replay { targets, steps },
            graph,
            conditions,
            dependents,
        }
    }

    /// Starts what can start, in the plan's order, as the build's own schedule does.
    fn start_targets(&mut self, now_ms: u64, awaited: Option<usize>) {
        for target in std::mem::take(&mut self.waiting) {
            let is_ended = |&needed: &usize| self.replay.targets[needed].is_ended;
            let is_free = self.running_count < self.conditions.parallel_max;
            if !is_free || !self.needed[target].iter().all(is_ended) {
                self.waiting.push(target);
                continue;
            }
            self.running_count += 1;
            let run = &mut self.replay.targets[target];
            run.started_ms = now_ms;
            run.awaited = awaited;
            if run.open_step_count == 0 {
                self.end_target(target, now_ms);
            }
            for (index, node) in self.graph.steps.iter().enumerate() {
                if node.target == target && node.after.is_empty() {
                    let start_ms = now_ms + node.lag_ms;
                    self.events
                        .push(Reverse((start_ms, Event::StepStarts(index))));
                }
            }
        }
    }

    fn end_target(&mut self, target: usize, now_ms: u64) {
        let end_ms = now_ms + self.graph.tails_ms[target];
        self.events
            .push(Reverse((end_ms, Event::TargetEnds(target))));
    }

    /// The first to need some work does it; whoever needs it later gets the result, or waits for
    /// it.
    fn start_step(&mut self, index: usize, now_ms: u64) {
        let worker = self.graph.steps[index].worker;
        let run = &mut self.replay.steps[index];
        run.started_ms = now_ms;
        let is_asked_for = self.graph.steps[index].step.started_ms.is_some();
        run.ended_ms = match self.done_by[worker] {
            Some((by, end_ms)) => {
                run.waited_for_worker = (end_ms > now_ms).then_some(by);
                end_ms.max(now_ms)
            }
            None if is_asked_for => {
                let Node { step, lag_ms, .. } = &self.graph.steps[worker];
                let changed_ms = self.conditions.durations_ms.get(&step.id);
                if worker != index {
                    // Here it is no longer there without waiting, as it was in the recorded build.
                    run.started_ms += lag_ms;
                }
                let end_ms = run.started_ms + changed_ms.unwrap_or(&step.duration_ms);
                self.done_by[worker] = Some((index, end_ms));
                end_ms
            }
            None => now_ms,
        };
        let end = Event::StepEnds(index);
        self.events.push(Reverse((run.ended_ms, end)));
    }

    fn end_step(&mut self, index: usize, now_ms: u64) {
        for dependent in std::mem::take(&mut self.dependents[index]) {
            let run = &mut self.replay.steps[dependent];
            run.open_count -= 1;
            if run.open_count == 0 {
                run.awaited = Some(index);
                let start_ms = now_ms + self.graph.steps[dependent].lag_ms;
                let start = Event::StepStarts(dependent);
                self.events.push(Reverse((start_ms, start)));
            }
        }
        let target = self.graph.steps[index].target;
        let run = &mut self.replay.targets[target];
        run.open_step_count -= 1;
        run.last_step = Some(index);
        if run.open_step_count == 0 {
            self.end_target(target, now_ms);
        }
    }
}
