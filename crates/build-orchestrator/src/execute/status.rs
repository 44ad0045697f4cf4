//! BuildKit's status stream, merged into steps.
//!
//! The stream repeats a step with what is new about it: one that waits has several spans, one from
//! the cache says so after the fact, one that never ran may come without any time. Source:
//! research/build.md section 3.2.

mod output;
#[cfg(test)]
mod tests;

use bollard_buildkit_proto::google::protobuf::Timestamp;
use bollard_buildkit_proto::moby::buildkit::v1 as proto;
use std::collections::{BTreeMap, HashMap};

use super::clock::Clock;
use super::event::{StepEvent, StepProgress};
use crate::model::outcome::{Interval, Vertex, Warning, WarningKind};
use output::{Output, is_clipped};

/// The steps of a target, as far as they are known.
pub(super) struct Steps {
    clock: Clock,
    list: Vec<Step>,
    index_by_digest: HashMap<String, usize>,
    warnings: Vec<Warning>,
}

/// Hears what is new about a step.
pub(super) type Tell<'a> = dyn FnMut(StepEvent<'_>) + 'a;

struct Step {
    number: usize,
    vertex: Vertex,
    /// The start of the latest span.
    started: Option<Timestamp>,
    /// The same, as long as that span has not ended.
    open_ms: Option<u64>,
    output: Output,
    /// What each of its transfers has moved and will move, by the builder's name for it.
    transfers: BTreeMap<String, (u64, u64)>,
}

impl Steps {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            list: Vec::new(),
            index_by_digest: HashMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Takes in a message and tells what is new. One message may hold the whole life of a step: its
    /// lines are told between its start and its end.
    pub(super) fn apply(&mut self, response: &proto::StatusResponse, tell: &mut Tell<'_>) {
        let clock = self.clock;
        let mut logs: Vec<_> = response.logs.iter().collect();
        for update in &response.vertexes {
            let step = self.step(update);
            step.start(update, clock, tell);
            let transfers = response.statuses.iter();
            step.transfer(
                transfers.filter(|status| status.vertex == update.digest),
                tell,
            );
            let mut clipped = Vec::new();
            for log in logs.extract_if(.., |log| log.vertex == update.digest) {
                clipped.extend(step.print(log, tell));
            }
            step.end(update, clock, tell);
            self.warnings.extend(clipped);
        }
        for log in logs {
            if let Some(&index) = self.index_by_digest.get(&log.vertex) {
                let clipped = self.list[index].print(log, tell);
                self.warnings.extend(clipped);
            }
        }
        self.apply_loose(response, tell);
    }

    /// Takes in what came without the step that it belongs to.
    fn apply_loose(&mut self, response: &proto::StatusResponse, tell: &mut Tell<'_>) {
        let is_told = |digest: &str| response.vertexes.iter().any(|v| v.digest == digest);
        for status in &response.statuses {
            let index = self.index_by_digest.get(&status.vertex);
            if let Some(&index) = index.filter(|_| !is_told(&status.vertex)) {
                self.list[index].transfer(std::iter::once(status), tell);
            }
        }
        for warning in response.warnings.iter().map(frontend_warning) {
            if !self.warnings.contains(&warning) {
                let event = StepEvent {
                    number: 0,
                    name: "",
                    progress: StepProgress::Warning(&warning),
                };
                tell(event);
                self.warnings.push(warning);
            }
        }
    }

    fn step(&mut self, update: &proto::Vertex) -> &mut Step {
        let next = self.list.len();
        let index = *self
            .index_by_digest
            .entry(update.digest.clone())
            .or_insert(next);
        if index == next {
            self.list.push(Step::new(next + 1, update));
        }
        &mut self.list[index]
    }

    /// What was warned of until now.
    pub(super) fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    /// The steps of a target that ended at `ended_ms`.
    pub(super) fn finish(self, ended_ms: u64) -> Vec<Vertex> {
        let steps = self.list.into_iter();
        steps.map(|step| step.finish(ended_ms)).collect()
    }
}

impl Step {
    fn new(number: usize, update: &proto::Vertex) -> Self {
        Self {
            number,
            vertex: Vertex {
                digest: update.digest.clone(),
                ..Vertex::default()
            },
            started: None,
            open_ms: None,
            output: Output::default(),
            transfers: BTreeMap::new(),
        }
    }

    fn start(&mut self, update: &proto::Vertex, clock: Clock, tell: &mut Tell<'_>) {
        let vertex = &mut self.vertex;
        vertex.cached |= update.cached;
        if !update.name.is_empty() {
            vertex.name.clone_from(&update.name);
        }
        if !update.inputs.is_empty() {
            vertex.inputs.clone_from(&update.inputs);
        }
        let Some(started) = update.started else {
            return;
        };
        // Two spans can start in the same millisecond, so the whole timestamp tells them apart.
        if self.started == Some(started) || self.open_ms.is_some() {
            return;
        }
        self.started = Some(started);
        self.open_ms = Some(clock.at_ms(&started));
        if !update.cached {
            self.tell(StepProgress::Started, tell);
        }
    }

    fn end(&mut self, update: &proto::Vertex, clock: Clock, tell: &mut Tell<'_>) {
        let is_given_up = update.error.contains("context canceled");
        let is_failed = !update.error.is_empty() && !is_given_up;
        let is_news = is_failed && self.vertex.error.is_none();
        if is_failed {
            self.vertex.error = Some(update.error.clone());
        }
        let ended_ms = update.completed.as_ref().map(|time| clock.at_ms(time));
        let duration_ms = match (self.open_ms, ended_ms) {
            (Some(started_ms), Some(ended_ms)) => self.close(started_ms, ended_ms),
            _ if is_news => 0,
            _ => return,
        };
        self.vertex.is_ended |= !is_given_up;
        self.end_lines(tell);
        let progress = match () {
            () if is_failed => StepProgress::Failed { duration_ms },
            () if is_given_up => StepProgress::GivenUp,
            () if self.vertex.cached => StepProgress::Cached,
            () => StepProgress::Done { duration_ms },
        };
        self.tell(progress, tell);
    }

    /// Ends the open span; returns its length.
    fn close(&mut self, started_ms: u64, ended_ms: u64) -> u64 {
        self.open_ms = None;
        self.vertex.intervals.push(Interval {
            started_ms,
            ended_ms: ended_ms.max(started_ms),
        });
        ended_ms.saturating_sub(started_ms)
    }

    /// Takes in output. Returns a warning if the builder says that it keeps the rest back.
    fn print(&mut self, log: &proto::VertexLog, tell: &mut Tell<'_>) -> Option<Warning> {
        let (number, name) = (self.number, self.vertex.name.as_str());
        let mut clipped = None;
        self.output.print(log.stream, &log.msg, &mut |line| {
            let event = |progress| StepEvent {
                number,
                name,
                progress,
            };
            tell(event(StepProgress::Line(line)));
            if is_clipped(line) {
                let warning = clipped_warning(name, line);
                tell(event(StepProgress::Warning(&warning)));
                clipped = Some(warning);
            }
        });
        clipped
    }

    fn end_lines(&mut self, tell: &mut Tell<'_>) {
        let (number, name) = (self.number, self.vertex.name.as_str());
        self.output.end(&mut |line| {
            tell(StepEvent {
                number,
                name,
                progress: StepProgress::Line(line),
            });
        });
    }

    /// Takes in how far transfers are, and tells their sum when it has changed.
    fn transfer<'a>(
        &mut self,
        statuses: impl Iterator<Item = &'a proto::VertexStatus>,
        tell: &mut Tell<'_>,
    ) {
        let bytes = |count: i64| u64::try_from(count).unwrap_or(0);
        let before = self.transferred();
        for status in statuses {
            let moved = (bytes(status.current), bytes(status.total));
            self.transfers.insert(status.id.clone(), moved);
        }
        let (current_bytes, total_bytes) = self.transferred();
        if current_bytes > 0 && (current_bytes, total_bytes) != before {
            let progress = StepProgress::Transfer {
                current_bytes,
                total_bytes,
            };
            self.tell(progress, tell);
        }
    }

    /// What all transfers have moved, and will move if each says so. One that moves nothing, such as
    /// unpacking, does not count.
    fn transferred(&self) -> (u64, Option<u64>) {
        let moving = self.transfers.values().filter(|moved| **moved != (0, 0));
        let (mut current_bytes, mut total_bytes) = (0, Some(0));
        for &(current, total) in moving {
            current_bytes += current;
            total_bytes = total_bytes.filter(|_| total > 0).map(|sum| sum + total);
        }
        (current_bytes, total_bytes)
    }

    fn tell(&self, progress: StepProgress<'_>, tell: &mut Tell<'_>) {
        tell(StepEvent {
            number: self.number,
            name: &self.vertex.name,
            progress,
        });
    }

    fn finish(mut self, ended_ms: u64) -> Vertex {
        if let Some(started_ms) = self.open_ms {
            self.close(started_ms, ended_ms);
        }
        self.end_lines(&mut |_| ());
        self.vertex.log_tail = self.output.into_tail();
        self.vertex
    }
}

fn frontend_warning(warning: &proto::VertexWarning) -> Warning {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let range = warning.ranges.first().and_then(|range| range.start);
    let info = warning.info.as_ref();
    Warning {
        kind: WarningKind::Frontend,
        message: text(&warning.short),
        detail: warning.detail.iter().map(|line| text(line)).collect(),
        url: Some(warning.url.clone()).filter(|url| !url.is_empty()),
        file: info.map(|info| info.filename.clone()),
        line: range.and_then(|start| u32::try_from(start.line).ok()),
    }
}

fn clipped_warning(name: &str, line: &str) -> Warning {
    Warning {
        kind: WarningKind::OutputClipped,
        message: format!("`{name}` printed more than the builder passes on: {line}"),
        detail: Vec::new(),
        url: None,
        file: None,
        line: None,
    }
}
