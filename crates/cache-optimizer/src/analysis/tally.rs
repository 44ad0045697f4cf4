//! How the cache did in one target.

use crate::model::build::{Step, Target};

/// Hits and misses of one target. A step that several targets share counts only where it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Instructions that came from the cache.
    pub(crate) hit_count: u32,
    /// Instructions that ran.
    pub(crate) miss_count: u32,
    /// Milliseconds of the instructions that ran.
    pub(crate) missed_ms: u64,
}

/// Counts the instructions of a target that came from the cache, and those that ran.
///
/// A `FROM` is neither: it reads its base, whatever the cache holds.
pub(crate) fn tally(target: &Target) -> Tally {
    Tally {
        hit_count: count(target.hits()),
        miss_count: count(target.misses()),
        missed_ms: target.misses().map(|step| step.duration_ms).sum(),
    }
}

fn count<'a>(steps: impl Iterator<Item = &'a Step>) -> u32 {
    u32::try_from(steps.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{cached, failed, internal, ran, target};

    #[test]
    fn hits_and_misses_are_counted_and_misses_are_timed() {
        let target = target([
            cached("COPY a a"),
            ran("RUN b", 700),
            ran("RUN c", 300),
            internal("load build context"),
        ]);
        let expected = Tally {
            hit_count: 1,
            miss_count: 2,
            missed_ms: 1000,
        };
        assert_eq!(tally(&target), expected);
    }

    #[test]
    fn a_step_that_never_started_is_neither() {
        let mut step = ran("RUN a", 0);
        step.cached = None;
        assert_eq!(tally(&target([step])), Tally::default());
    }

    #[test]
    fn what_is_called_cached_after_a_failure_may_have_been_skipped() {
        let target = target([cached("COPY a a"), failed("RUN b", 5), cached("RUN c")]);
        let tally = tally(&target);
        assert_eq!((tally.hit_count, tally.miss_count), (1, 1));
    }
}
