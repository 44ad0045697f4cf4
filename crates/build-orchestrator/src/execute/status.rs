//! BuildKit's status stream, merged into steps.
//!
//! The stream repeats a step with what is new about it: one that waits has several spans, one from
//! the cache says so after the fact, one that never ran may come without any time. Source:
//! research/build.md section 3.2.

use bollard_buildkit_proto::google::protobuf::Timestamp;
use bollard_buildkit_proto::moby::buildkit::v1 as proto;
use std::collections::{BTreeMap, HashMap, VecDeque};

use super::clock::Clock;
use super::event::{StepEvent, StepProgress};
use crate::model::outcome::{Interval, Vertex};

/// How many of a step's last lines are kept.
///
/// Chosen: a compiler's last error with its notes fits, and a hundred failed steps stay readable.
const LOG_TAIL_LINES: usize = 50;

/// The steps of a target, as far as they are known.
pub(super) struct Steps {
    clock: Clock,
    list: Vec<Step>,
    index_by_digest: HashMap<String, usize>,
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
    tail: VecDeque<String>,
    /// Lines that have not ended, by output stream.
    partial: BTreeMap<i64, Vec<u8>>,
}

impl Steps {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            list: Vec::new(),
            index_by_digest: HashMap::new(),
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
            for log in logs.extract_if(.., |log| log.vertex == update.digest) {
                step.print(log, tell);
            }
            step.end(update, clock, tell);
        }
        for log in logs {
            if let Some(&index) = self.index_by_digest.get(&log.vertex) {
                self.list[index].print(log, tell);
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
            tail: VecDeque::new(),
            partial: BTreeMap::new(),
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

    /// Takes in output, which can stop in the middle of a line or character.
    fn print(&mut self, log: &proto::VertexLog, tell: &mut Tell<'_>) {
        let mut bytes = self.partial.remove(&log.stream).unwrap_or_default();
        bytes.extend_from_slice(&log.msg);
        let mut rest = bytes.as_slice();
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            self.end_line(&rest[..end], tell);
            rest = &rest[end + 1..];
        }
        self.partial.insert(log.stream, rest.to_vec());
    }

    fn end_lines(&mut self, tell: &mut Tell<'_>) {
        for line in std::mem::take(&mut self.partial).into_values() {
            if !line.is_empty() {
                self.end_line(&line, tell);
            }
        }
    }

    fn end_line(&mut self, bytes: &[u8], tell: &mut Tell<'_>) {
        let line = String::from_utf8_lossy(bytes);
        // A progress display overwrites its line; what it wrote last is what stays.
        let line = line.trim_end_matches('\r');
        let line = line.rsplit('\r').next().unwrap_or_default();
        self.tell(StepProgress::Line(line), tell);
        if self.tail.len() == LOG_TAIL_LINES {
            self.tail.pop_front();
        }
        self.tail.push_back(line.to_owned());
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
        self.vertex.log_tail = self.tail.into();
        self.vertex
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    const START_S: i64 = 1000;

    fn steps() -> Steps {
        let start = UNIX_EPOCH + Duration::from_secs(START_S.unsigned_abs());
        Steps::new(Clock::started_at(start))
    }

    #[expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]
    fn time(ms: i64) -> Timestamp {
        Timestamp {
            seconds: START_S + ms / 1000,
            nanos: (ms % 1000 * 1_000_000) as i32,
        }
    }

    fn vertex(digest: &str, started: Option<i64>, completed: Option<i64>) -> proto::Vertex {
        proto::Vertex {
            digest: digest.to_owned(),
            name: format!("step {digest}"),
            started: started.map(time),
            completed: completed.map(time),
            ..proto::Vertex::default()
        }
    }

    fn log(digest: &str, msg: &[u8]) -> proto::VertexLog {
        proto::VertexLog {
            vertex: digest.to_owned(),
            stream: 1,
            msg: msg.to_vec(),
            ..proto::VertexLog::default()
        }
    }

    /// Takes in vertexes and output, and writes down what was told.
    fn apply(
        steps: &mut Steps,
        vertexes: &[proto::Vertex],
        logs: &[proto::VertexLog],
    ) -> Vec<String> {
        let mut told = Vec::new();
        let response = proto::StatusResponse {
            vertexes: vertexes.to_vec(),
            logs: logs.to_vec(),
            ..proto::StatusResponse::default()
        };
        steps.apply(&response, &mut |event| {
            told.push(format!("{} {:?}", event.number, event.progress));
        });
        told
    }

    fn interval(started_ms: u64, ended_ms: u64) -> Interval {
        Interval {
            started_ms,
            ended_ms,
        }
    }

    #[test]
    fn repeated_messages_make_one_step_with_its_spans() {
        let mut steps = steps();
        let told = [
            apply(&mut steps, &[vertex("a", None, None)], &[]),
            apply(&mut steps, &[vertex("a", Some(10), None)], &[]),
            apply(&mut steps, &[vertex("a", Some(10), Some(30))], &[]),
            apply(&mut steps, &[vertex("a", Some(10), Some(30))], &[]),
            apply(&mut steps, &[vertex("a", Some(50), None)], &[]),
            apply(&mut steps, &[vertex("a", Some(50), Some(55))], &[]),
        ];
        let expected = [
            "1 Started",
            "1 Done { duration_ms: 20 }",
            "1 Started",
            "1 Done { duration_ms: 5 }",
        ];
        assert_eq!(told.concat(), expected);
        let vertexes = steps.finish(100);
        assert_eq!(vertexes.len(), 1);
        assert_eq!(vertexes[0].intervals, [interval(10, 30), interval(50, 55)]);
    }

    #[test]
    fn a_step_from_the_cache_says_so_after_the_fact() {
        let mut steps = steps();
        let cached = proto::Vertex {
            cached: true,
            ..vertex("a", Some(10), Some(10))
        };
        assert!(apply(&mut steps, &[vertex("a", None, None)], &[]).is_empty());
        assert_eq!(apply(&mut steps, &[cached], &[]), ["1 Cached"]);
        assert!(steps.finish(100)[0].cached);
    }

    #[test]
    fn only_the_failed_step_has_an_error() {
        let mut steps = steps();
        let with_error = |digest, error: &str| proto::Vertex {
            error: error.to_owned(),
            ..vertex(digest, Some(0), Some(7))
        };
        let told = apply(
            &mut steps,
            &[
                with_error("a", "exit code: 3"),
                with_error("b", "context canceled"),
            ],
            &[],
        );
        let expected = [
            "1 Started",
            "1 Failed { duration_ms: 7 }",
            "2 Started",
            "2 GivenUp",
        ];
        assert_eq!(told, expected);
        let vertexes = steps.finish(100);
        assert_eq!(vertexes[0].error.as_deref(), Some("exit code: 3"));
        assert_eq!(vertexes[1].error, None);
        assert_eq!((vertexes[0].is_ended, vertexes[1].is_ended), (true, false));
    }

    #[test]
    fn lines_are_whole_however_the_output_is_cut() {
        let mut steps = steps();
        let euro = "€".as_bytes();
        let running = vertex("a", Some(0), None);
        let told = [
            apply(&mut steps, &[running], &[log("a", b"one\r\ntw")]),
            apply(&mut steps, &[], &[log("a", b"o\n1%\r99%\n")]),
            apply(&mut steps, &[], &[log("a", &euro[..1])]),
            apply(
                &mut steps,
                &[],
                &[log("a", &euro[1..]), log("a", b"\xff\n")],
            ),
            apply(
                &mut steps,
                &[vertex("a", Some(0), Some(1))],
                &[log("a", b"end")],
            ),
        ];
        let expected = [
            "1 Started",
            "1 Line(\"one\")",
            "1 Line(\"two\")",
            "1 Line(\"99%\")",
            "1 Line(\"€\u{fffd}\")",
            "1 Line(\"end\")",
            "1 Done { duration_ms: 1 }",
        ];
        assert_eq!(told.concat(), expected);
    }

    #[test]
    fn the_last_lines_are_kept() {
        let mut steps = steps();
        let lines: Vec<_> = (1..=60).map(|number| number.to_string()).collect();
        let lines = lines.join("\n");
        apply(
            &mut steps,
            &[vertex("a", Some(0), None)],
            &[log("a", lines.as_bytes())],
        );
        let tail = &steps.finish(100)[0].log_tail;
        assert_eq!(tail.len(), 50);
        assert_eq!((tail[0].as_str(), tail[49].as_str()), ("11", "60"));
    }

    #[test]
    fn a_step_that_was_still_running_ends_with_its_target() {
        let mut steps = steps();
        apply(&mut steps, &[vertex("a", Some(-5), None)], &[]);
        let vertex = &steps.finish(100)[0];
        assert_eq!(vertex.intervals, [interval(0, 100)]);
        assert!(!vertex.is_ended);
    }
}
