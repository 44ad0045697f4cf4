//! Decides which records of a build cache go, and what their loss costs.
//!
//! A record cannot go before those that lie upon it, so that what is weighed is never a record alone
//! but a record with all that lies upon it: bytes freed against seconds that the next builds will
//! probably have to spend again.
//! Source: research/cache.md section 1.7

mod choice;
mod join;
mod lock;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use crate::model::build_cache::{BuildCache, PastStep, StepName};

pub(crate) use lock::Lock;
pub(crate) use value::{Basis, Cost};

/// What is wanted of a build cache.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Budget {
    /// The bytes that may stay, of records that no image shares.
    pub(crate) keep_bytes: Option<u64>,
    /// Records that were used within so many milliseconds stay.
    pub(crate) keep_newer_than_ms: Option<u64>,
    /// The bytes that have to be free on the disk, and how many are.
    pub(crate) min_free: Option<Room>,
}

/// Room on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Bytes that are wanted.
    pub(crate) wanted_bytes: u64,
    /// Bytes that are there.
    pub(crate) free_bytes: u64,
}

/// In which order records go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Those that cost least for each byte freed go first.
    Value,
    /// Those that were not used for longest go first.
    LeastRecentlyUsed,
}

/// What becomes of each record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// What is known of each record, in the order of the cache.
    pub(crate) judged: Vec<Judged>,
    /// Those that go, by where they are in the cache, in the order in which they go.
    pub(crate) evicted: Vec<usize>,
    /// Bytes that the budget asks to free. `None` when all that may go goes.
    pub(crate) needed_bytes: Option<u64>,
}

/// What is known of one record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged {
    /// The step that made it, as far as past builds tell.
    pub(crate) step: Option<StepName>,
    /// What making it again costs.
    pub(crate) cost: Cost,
    /// How probable it is that it will be needed again, 0 to 1.
    pub(crate) need_ratio: f64,
    /// Why it cannot go. `None` when it can.
    pub(crate) lock: Option<Lock>,
}

impl Judged {
    /// Milliseconds that its loss probably costs.
    pub(crate) fn loss_ms(&self) -> f64 {
        self.cost.duration_ms as f64 * self.need_ratio
    }
}

impl Plan {
    /// Bytes of the records that go.
    pub(crate) fn evicted_bytes(&self, cache: &BuildCache) -> u64 {
        let sizes = self.evicted.iter().map(|&at| cache.records[at].size_bytes);
        sizes.sum()
    }

    /// Bytes that the budget asks for beyond what may go.
    pub(crate) fn missing_bytes(&self, cache: &BuildCache) -> u64 {
        let needed = self.needed_bytes.unwrap_or(0);
        needed.saturating_sub(self.evicted_bytes(cache))
    }
}

/// Plans what goes.
pub(crate) fn plan(cache: &BuildCache, steps: &[PastStep], budget: Budget, order: Order) -> Plan {
    let records = &cache.records;
    let tree = tree::Tree::new(records);
    let locks = lock::locks(cache, &tree, budget.keep_newer_than_ms);
    let joined = join::joined(records, steps);
    let values = value::values(cache, &tree, steps, &joined);
    let judged: Vec<Judged> = values
        .into_iter()
        .zip(locks)
        .zip(&joined)
        .map(|(((cost, need_ratio), lock), step)| Judged {
            step: step.map(|step| steps[step].name.clone()),
            cost,
            need_ratio,
            lock,
        })
        .collect();
    let needed_bytes = needed_bytes(cache, budget);
    let needed = needed_bytes.unwrap_or(u64::MAX);
    let evicted = match order {
        Order::Value => choice::by_value(records, &tree, &judged, needed),
        Order::LeastRecentlyUsed => choice::by_last_use(records, &tree, &judged, needed),
    };
    Plan {
        judged,
        evicted,
        needed_bytes,
    }
}

/// Bytes to free. `None` when no size is asked for, and all that is old enough goes.
fn needed_bytes(cache: &BuildCache, budget: Budget) -> Option<u64> {
    let kept = budget
        .keep_bytes
        .map(|keep_bytes| unshared_bytes(cache).saturating_sub(keep_bytes));
    let free = budget
        .min_free
        .map(|room| room.wanted_bytes.saturating_sub(room.free_bytes));
    kept.max(free)
}

/// Bytes of the records that no image shares, which is what the Engine's own limits count.
/// Source: research/cache.md section 1.6
pub(crate) fn unshared_bytes(cache: &BuildCache) -> u64 {
    let unshared = cache.records.iter().filter(|record| !record.is_shared);
    unshared.map(|record| record.size_bytes).sum()
}
