//! Trying a target again: when, and what of an earlier attempt is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::clock::Clock;
use super::status::Steps;
use crate::model::outcome::Vertex;

/// The longest wait before an attempt.
///
/// Chosen: a registry that restarts is back by then, and nobody takes the build for hung.
const BACK_OFF_MAX: Duration = Duration::from_secs(30);

/// How long to wait after the failure of attempt `count`, which is counted from 1: 1 s, 2 s, 4 s.
///
/// Chosen: BuildKit itself begins with 1 s and doubles when a registry answers with 5xx. Source:
/// util/resolver/retryhandler of github.com/moby/buildkit.
pub(super) fn back_off(count: u32) -> Duration {
    let seconds = 1_u64
        .checked_shl(count.saturating_sub(1))
        .unwrap_or(u64::MAX);
    Duration::from_secs(seconds).min(BACK_OFF_MAX)
}

/// The attempts at one target.
pub(super) struct Attempts {
    clock: Clock,
    /// How many were begun.
    pub(super) count: u32,
    /// The steps of the latest.
    pub(super) steps: Steps,
    /// The steps of all before it.
    earlier: Vec<Vertex>,
    /// Bytes of files that were sent in all of them.
    pub(super) sent_bytes: Arc<AtomicU64>,
}

impl Attempts {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            count: 0,
            steps: Steps::new(clock),
            earlier: Vec::new(),
            sent_bytes: Arc::default(),
        }
    }

    /// Begins the next one.
    pub(super) fn next(&mut self) {
        let steps = std::mem::replace(&mut self.steps, Steps::new(self.clock));
        self.earlier.extend(steps.finish(self.clock.now_ms()));
        self.count += 1;
    }

    /// The steps of a target that ended at `ended_ms`, and the bytes that it sent.
    pub(super) fn finish(self, ended_ms: u64) -> (Vec<Vertex>, u64) {
        let mut vertexes = self.steps.finish(ended_ms);
        restore(&mut vertexes, &self.earlier);
        (vertexes, self.sent_bytes.load(Ordering::Relaxed))
    }
}

/// Says of steps that ran in an earlier attempt, and came from the cache in the last, that they ran:
/// the cache of earlier builds had nothing for them. Their digests differ, as those of contexts do.
fn restore(vertexes: &mut [Vertex], earlier: &[Vertex]) {
    for vertex in vertexes.iter_mut().filter(|vertex| vertex.cached) {
        let mut same = earlier.iter().filter(|old| old.name == vertex.name);
        let ran = same.find(|old| !old.cached && old.is_ended && old.error.is_none());
        if let Some(ran) = ran {
            vertex.cached = false;
            vertex.intervals.clone_from(&ran.intervals);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Interval;

    #[test]
    fn the_wait_doubles_up_to_its_limit() {
        let seconds = |count| back_off(count).as_secs();
        assert_eq!([1, 2, 3, 4].map(seconds), [1, 2, 4, 8]);
        assert_eq!([6, 100, u32::MAX].map(seconds), [30, 30, 30]);
    }

    #[test]
    fn a_step_that_an_earlier_attempt_ran_did_not_come_from_the_cache() {
        let vertex = |name: &str, cached, error: Option<&str>| Vertex {
            name: name.to_owned(),
            cached,
            is_ended: true,
            error: error.map(str::to_owned),
            ..Vertex::default()
        };
        let interval = Interval {
            started_ms: 3,
            ended_ms: 9,
        };
        let ran = Vertex {
            intervals: vec![interval],
            ..vertex("ran", false, None)
        };
        let earlier = [
            ran,
            vertex("hit", true, None),
            vertex("failed", false, Some("503")),
        ];
        let mut last = [
            vertex("ran", true, None),
            vertex("hit", true, None),
            vertex("failed", true, None),
        ];
        restore(&mut last, &earlier);
        assert_eq!(
            last.each_ref().map(|vertex| vertex.cached),
            [false, true, true]
        );
        assert_eq!(last[0].intervals, [interval]);
    }
}
