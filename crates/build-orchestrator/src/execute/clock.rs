//! The build's clock, which turns BuildKit's timestamps into milliseconds since the start.

use bollard_buildkit_proto::google::protobuf::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// When the build started, on the wall clock that it shares with the Engine, and on one that
/// nobody sets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    wall: SystemTime,
    steady: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self::started_at(SystemTime::now())
    }

    /// A clock that starts now, but says so to the wall clock.
    pub(super) fn started_at(wall: SystemTime) -> Self {
        Self {
            wall,
            steady: Instant::now(),
        }
    }

    /// Milliseconds since the start.
    pub(super) fn now_ms(&self) -> u64 {
        u64::try_from(self.steady.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Milliseconds from the start to a timestamp; 0 for one before it.
    pub(super) fn at_ms(&self, timestamp: &Timestamp) -> u64 {
        let start = self.wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_ns = i128::from(timestamp.seconds) * 1_000_000_000 + i128::from(timestamp.nanos);
        let since_ns = at_ns - i128::try_from(start.as_nanos()).unwrap_or(i128::MAX);
        u64::try_from(since_ns / 1_000_000).unwrap_or(0)
    }
}
