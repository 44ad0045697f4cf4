//! What the loss of a record costs: the time to make it again, and how probable it is that a build needs
//! it again.

use std::collections::HashMap;

use super::join::arguments;
use super::tree::Tree;
use crate::model::build_cache::{
    BuildCache, CacheRecord, PastStep, RecordKind, StepName, StepOutcome,
};

/// What making a record again costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Milliseconds.
    pub(crate) duration_ms: u64,
    /// How that is known.
    pub(crate) basis: Basis,
}

/// How a cost is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// A report has the time that the step took when it ran last.
    Measured,
    /// The record was made so long after the one that it lies upon, in one build as it seems.
    Times,
    /// Nothing tells; it is assumed from what the record is and how large.
    Assumed,
}

/// How long after its parent a record may have been made to be of the same build, in milliseconds.
///
/// Chosen: few steps take longer; a command that was edited later and ran then costs less than that.
const STEP_MAX_MS: u64 = 3_600_000;

/// What a command costs of which nothing is known, in milliseconds.
///
/// Chosen: more than most copies, so that space is sought elsewhere first.
const COMMAND_MS: u64 = 10_000;

/// Bytes a millisecond at which files are copied within a machine.
///
/// Chosen: 100 MB/s, what a disk or a local socket does without trying.
const COPIED_BYTES_PER_MS: u64 = 100_000;

/// Bytes a millisecond at which layers and repositories are fetched.
///
/// Chosen: 10 MB/s, unpacking included.
const FETCHED_BYTES_PER_MS: u64 = 10_000;

/// Uses that a record is expected to get although it never got any, in the time looked ahead.
///
/// Chosen: most results of a changed source are replaced by the next change, and never used again.
const USES_OF_UNUSED: f64 = 0.1;

/// Which part of the time looked back halves the weight of a use, and is the time that a record counts
/// as older than it is.
///
/// Chosen: what was in use through three quarters of the time, and then no more, has an eighth left.
const MEMORY_RATIO: f64 = 0.25;

/// The cost of each record, and how probable it is that it will be needed again.
pub(super) fn values(
    cache: &BuildCache,
    tree: &Tree,
    steps: &[PastStep],
    joined: &[Option<usize>],
) -> Vec<(Cost, f64)> {
    let history = history(steps);
    let newest = newest(&cache.records, steps, joined);
    let uses = Uses::new(cache, tree);
    let value = |(at, record): (usize, &CacheRecord)| {
        let past = joined[at].map(|step| &history[&steps[step].name]);
        let parent = tree.parents[at]
            .first()
            .map(|&parent| &cache.records[parent]);
        let cost = past
            .and_then(|past| past.cost(record))
            .unwrap_or_else(|| unmeasured(record, parent));
        let is_newest = joined[at].is_some_and(|step| newest[&steps[step].name] == at);
        let expected = match past {
            Some(past) if is_newest => past.expected_uses(uses.memory(record)),
            Some(past) => past.expected_uses_of_replaced(record),
            None => USES_OF_UNUSED,
        };
        (cost, uses.need_ratio(at, record, expected))
    };
    cache.records.iter().enumerate().map(value).collect()
}

/// What reports say of one step.
#[derive(Clone, Debug, Default)]
struct Past {
    hit_count: u32,
    /// When it ended, each time that it ran.
    runs_ended_ms: Vec<i64>,
    /// Milliseconds that it took when it ran last, and when that was.
    last_ms: u64,
    last_ended_ms: i64,
    shortest_ms: Option<u64>,
    longest_ms: u64,
}

impl Past {
    /// A cache mount saves what a run with it is shorter than one without; as long as one run is known,
    /// that may be all of it.
    fn cost(&self, record: &CacheRecord) -> Option<Cost> {
        let shortest_ms = self.shortest_ms?;
        let duration_ms = match record.kind {
            RecordKind::CacheMount if self.runs_ended_ms.len() > 1 => self.longest_ms - shortest_ms,
            _ => self.last_ms,
        };
        Some(Cost {
            duration_ms,
            basis: Basis::Measured,
        })
    }

    /// How often the newest record of the step will be used before it is replaced, by how often the step
    /// was a hit, which counts less the longer ago it was.
    fn expected_uses(&self, memory: f64) -> f64 {
        let hits = f64::from(self.hit_count);
        (hits * memory + USES_OF_UNUSED) / (1.0 + hits + self.runs_ended_ms.len() as f64)
    }

    /// How often a record of the step will be used that newer ones have replaced: each time that the step
    /// ran since, this one was not what was needed.
    fn expected_uses_of_replaced(&self, record: &CacheRecord) -> f64 {
        let is_later = |ended_ms: &&i64| **ended_ms > record.created_ms;
        let replaced_count = self.runs_ended_ms.iter().filter(is_later).count();
        USES_OF_UNUSED / (1.0 + replaced_count as f64)
    }
}

fn history(steps: &[PastStep]) -> HashMap<&StepName, Past> {
    let mut history: HashMap<&StepName, Past> = HashMap::new();
    for step in steps {
        let past = history.entry(&step.name).or_default();
        match step.outcome {
            StepOutcome::Cached => past.hit_count += 1,
            StepOutcome::Nothing => {}
            StepOutcome::Ran { duration_ms } => {
                past.runs_ended_ms.push(step.ended_ms);
                past.longest_ms = past.longest_ms.max(duration_ms);
                let shortest_ms = past.shortest_ms.unwrap_or(duration_ms);
                past.shortest_ms = Some(shortest_ms.min(duration_ms));
                if past.runs_ended_ms.len() == 1 || step.ended_ms >= past.last_ended_ms {
                    past.last_ms = duration_ms;
                    past.last_ended_ms = step.ended_ms;
                }
            }
        }
    }
    history
}

/// The record of each step that was made last: earlier ones are of inputs that have changed since.
fn newest<'a>(
    records: &[CacheRecord],
    steps: &'a [PastStep],
    joined: &[Option<usize>],
) -> HashMap<&'a StepName, usize> {
    let mut newest = HashMap::new();
    for (at, step) in joined.iter().enumerate() {
        let Some(step) = step else { continue };
        let latest = newest.entry(&steps[*step].name).or_insert(at);
        if records[*latest].created_ms < records[at].created_ms {
            *latest = at;
        }
    }
    newest
}

/// The cost of a record that no report knows.
fn unmeasured(record: &CacheRecord, parent: Option<&CacheRecord>) -> Cost {
    let is_command = arguments(&record.description).is_some() && record.kind == RecordKind::Layer;
    let after_ms = parent.and_then(|parent| {
        let after_ms = record.created_ms.checked_sub(parent.created_ms)?;
        u64::try_from(after_ms).ok().filter(|&ms| ms <= STEP_MAX_MS)
    });
    let is_fetched =
        record.description.starts_with("pulled from") || record.description.starts_with("git ");
    let (duration_ms, basis) = match after_ms.filter(|_| is_command) {
        Some(after_ms) => (after_ms, Basis::Times),
        None if is_command => (COMMAND_MS, Basis::Assumed),
        None if is_fetched => (record.size_bytes / FETCHED_BYTES_PER_MS, Basis::Assumed),
        None => (record.size_bytes / COPIED_BYTES_PER_MS, Basis::Assumed),
    };
    Cost { duration_ms, basis }
}

/// How often records were used, uses of long ago counting less.
struct Uses {
    now_ms: i64,
    /// Milliseconds since the oldest record was made: as far as is looked back, and ahead.
    span_ms: f64,
    /// Uses of each record after its making, with those of records that lie upon it: whoever needs
    /// them when it is gone needs it too.
    counts: Vec<f64>,
}

impl Uses {
    fn new(cache: &BuildCache, tree: &Tree) -> Self {
        let records = &cache.records;
        let oldest_ms = records.iter().map(|record| record.created_ms).min();
        let span_ms = cache
            .now_ms
            .saturating_sub(oldest_ms.unwrap_or(cache.now_ms));
        let mut uses = Self {
            now_ms: cache.now_ms,
            span_ms: span_ms.max(1) as f64,
            counts: vec![0.0; records.len()],
        };
        for &at in tree.downwards.iter().rev() {
            let own = records[at].use_count.saturating_sub(1) as f64 * uses.memory(&records[at]);
            let above: f64 = tree.children[at]
                .iter()
                .map(|&child| uses.counts[child])
                .sum();
            uses.counts[at] = own + above;
        }
        uses
    }

    /// The weight of a use at the time of the record's last, 0 to 1.
    fn memory(&self, record: &CacheRecord) -> f64 {
        let idle_ms = (self.now_ms - record.last_used_ms).max(0) as f64;
        0.5_f64.powf(idle_ms / (self.span_ms * MEMORY_RATIO))
    }

    /// How probable it is that a record is needed in as long a time as is looked back: of events at an
    /// unknown rate, of which so many were seen in the record's age.
    /// Source: the predictive distribution of a Poisson process whose rate has a gamma prior.
    fn need_ratio(&self, at: usize, record: &CacheRecord, expected: f64) -> f64 {
        let age = (self.now_ms - record.created_ms).max(0) as f64 / self.span_ms + MEMORY_RATIO;
        1.0 - (age / (age + 1.0)).powf(expected + self.counts[at])
    }
}

#[cfg(test)]
mod tests {
    use super::super::join::joined;
    use super::super::sample::{cache, layer, made, run, step, used};
    use super::*;

    fn valued(cache: &BuildCache, steps: &[PastStep]) -> Vec<(Cost, f64)> {
        let tree = Tree::new(&cache.records);
        let joined = joined(&cache.records, steps);
        values(cache, &tree, steps, &joined)
    }

    fn cost(duration_ms: u64, basis: Basis) -> Cost {
        Cost { duration_ms, basis }
    }

    #[test]
    fn a_record_costs_what_its_step_took_when_it_ran_last() {
        let cache = cache([run("a", &[], 1, "make")]);
        let mut steps = [
            step("RUN make", None, 50, 4000),
            step("RUN make", None, 90, 3000),
            step("RUN make", None, 95, 0),
        ];
        steps[2].outcome = StepOutcome::Cached;
        assert_eq!(valued(&cache, &steps)[0].0, cost(3000, Basis::Measured));
    }

    #[test]
    fn a_cache_mount_costs_what_runs_were_slower_without_it() {
        let mut mount = run("a", &[], 1, "make");
        mount.kind = RecordKind::CacheMount;
        let cache = cache([mount]);
        let steps = [
            step("RUN make", None, 10, 9000),
            step("RUN make", None, 20, 2500),
        ];
        assert_eq!(valued(&cache, &steps[..1])[0].0.duration_ms, 9000);
        assert_eq!(valued(&cache, &steps)[0].0.duration_ms, 6500);
    }

    #[test]
    fn without_reports_a_command_took_the_time_since_its_parent_was_made() {
        let cache = cache([
            made(10, layer("a", &[], 300_000_000)),
            made(17, run("b", &["a"], 1, "make")),
            run("c", &[], 1, "make"),
        ]);
        let costs: Vec<_> = valued(&cache, &[])
            .into_iter()
            .map(|(cost, _)| cost)
            .collect();
        let expected = [
            cost(3000, Basis::Assumed),
            cost(7000, Basis::Times),
            cost(10_000, Basis::Assumed),
        ];
        assert_eq!(costs, expected);
    }

    fn need(cache: &BuildCache, steps: &[PastStep]) -> Vec<f64> {
        let needs = valued(cache, steps).into_iter().map(|(_, need)| need);
        needs.map(|need| (need * 1000.0).round() / 1000.0).collect()
    }

    #[test]
    fn a_record_that_is_used_often_and_lately_is_needed_again() {
        let cache = cache([
            layer("unused", &[], 1),
            used(5, 100, layer("used", &[], 1)),
            used(5, 25, layer("used-once", &[], 1)),
        ]);
        // 1 - (1.25 / 2.25) ^ (0.1 + uses), with 5, and with 5 / 2^3 uses.
        assert_eq!(need(&cache, &[]), [0.057, 0.95, 0.347]);
    }

    #[test]
    fn who_needs_what_lies_upon_a_record_needs_it_too() {
        let cache = cache([
            layer("below", &[], 1),
            used(2, 100, layer("above", &["below"], 1)),
        ]);
        let need = need(&cache, &[]);
        assert_eq!(need[0].to_bits(), need[1].to_bits());
    }

    #[test]
    fn the_newest_record_of_a_step_inherits_how_often_the_step_hits() {
        let cache = cache([
            made(0, run("before", &[], 1, "make")),
            made(100, run("now", &[], 1, "make")),
        ]);
        let mut steps = [
            step("RUN make", None, 100, 1),
            step("RUN make", None, 100, 1),
        ];
        steps[1].outcome = StepOutcome::Cached;
        // 1 - (1.25 / 2.25) ^ (0.1 / 2), and 1 - (0.25 / 1.25) ^ (1.1 / 3)
        assert_eq!(need(&cache, &steps), [0.029, 0.446]);
    }
}
