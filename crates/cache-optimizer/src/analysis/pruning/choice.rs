//! Chooses what goes: records with all that lies upon them, until enough is free.

use super::Judged;
use super::tree::Tree;
use crate::model::build_cache::CacheRecord;

/// The records that go, in order, when those go first whose loss costs least for each byte.
///
/// Finding the cheapest set is a knapsack whose items depend on each other, which takes too long to
/// solve; so the best of three good sets is taken, one of them that of [`by_last_use`].
pub(super) fn by_value(
    records: &[CacheRecord],
    tree: &Tree,
    judged: &[Judged],
    needed_bytes: u64,
) -> Vec<usize> {
    let by_value = Choice::new(records, tree, judged).cheapest(needed_bytes);
    let by_last_use = by_last_use(records, tree, judged, needed_bytes);
    let is_cheaper = loss_us(judged, &by_last_use) < loss_us(judged, &by_value);
    let frees = |set: &[usize]| set.iter().map(|&at| records[at].size_bytes).sum::<u64>();
    if is_cheaper && frees(&by_last_use) >= needed_bytes {
        by_last_use
    } else {
        by_value
    }
}

/// The records that go, in order, when those go first that were not used for longest.
pub(super) fn by_last_use(
    records: &[CacheRecord],
    tree: &Tree,
    judged: &[Judged],
    needed_bytes: u64,
) -> Vec<usize> {
    let mut choice = Choice::new(records, tree, judged);
    while choice.freed_bytes < needed_bytes {
        let leaves = choice.candidates().filter(|&at| choice.is_leaf(at));
        let Some(oldest) = leaves.min_by_key(|&at| (records[at].last_used_ms, at)) else {
            break;
        };
        choice.evict(oldest);
    }
    choice.evicted
}

fn loss_us(judged: &[Judged], set: &[usize]) -> u64 {
    set.iter().map(|&at| microseconds(&judged[at])).sum()
}

/// Whole microseconds, so that sums are exact.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time that is lost is positive, and shorter than centuries"
)]
fn microseconds(judged: &Judged) -> u64 {
    (judged.loss_ms() * 1000.0).round() as u64
}

/// A set of records that is being chosen.
#[derive(Clone)]
struct Choice<'a> {
    records: &'a [CacheRecord],
    tree: &'a Tree,
    judged: &'a [Judged],
    /// Where each record comes in the order of `Tree::downwards`.
    depths: Vec<usize>,
    /// Bytes of each record with all that still lies upon it, and microseconds that their loss costs.
    above_bytes: Vec<u64>,
    above_us: Vec<u64>,
    is_gone: Vec<bool>,
    evicted: Vec<usize>,
    freed_bytes: u64,
    lost_us: u64,
}

impl<'a> Choice<'a> {
    fn new(records: &'a [CacheRecord], tree: &'a Tree, judged: &'a [Judged]) -> Self {
        let mut choice = Self {
            records,
            tree,
            judged,
            depths: vec![0; records.len()],
            above_bytes: vec![0; records.len()],
            above_us: vec![0; records.len()],
            is_gone: vec![false; records.len()],
            evicted: Vec::new(),
            freed_bytes: 0,
            lost_us: 0,
        };
        for (depth, &at) in tree.downwards.iter().enumerate() {
            choice.depths[at] = depth;
            for below in tree.ancestors(at).into_iter().chain([at]) {
                choice.above_bytes[below] += records[at].size_bytes;
                choice.above_us[below] += microseconds(&judged[at]);
            }
        }
        choice
    }

    /// The records that may still go.
    fn candidates(&self) -> impl Iterator<Item = usize> {
        let places = self.tree.downwards.iter().copied();
        places.filter(|&at| !self.is_gone[at] && self.judged[at].lock.is_none())
    }

    fn is_leaf(&self, at: usize) -> bool {
        self.tree.children[at]
            .iter()
            .all(|&child| self.is_gone[child])
    }

    /// Evicts a record, those that lie upon it first.
    fn evict(&mut self, at: usize) {
        let mut set = self.tree.descendants(at);
        set.push(at);
        set.retain(|&one| !self.is_gone[one]);
        set.sort_by_key(|&one| std::cmp::Reverse(self.depths[one]));
        for one in set {
            let (bytes, us) = (
                self.records[one].size_bytes,
                microseconds(&self.judged[one]),
            );
            for below in self.tree.ancestors(one).into_iter().chain([one]) {
                self.above_bytes[below] -= bytes;
                self.above_us[below] -= us;
            }
            self.is_gone[one] = true;
            self.evicted.push(one);
            self.freed_bytes += bytes;
            self.lost_us += us;
        }
    }

    /// Evicts what costs least for each byte until enough is free. On the way, each record that would
    /// free the rest alone is a way to end; the cheapest end is taken.
    fn cheapest(mut self, needed_bytes: u64) -> Vec<usize> {
        let mut best: Option<Self> = None;
        while self.freed_bytes < needed_bytes {
            let missing_bytes = needed_bytes - self.freed_bytes;
            let ends = self
                .candidates()
                .filter(|&at| self.above_bytes[at] >= missing_bytes);
            if let Some(end) = ends.min_by_key(|&at| (self.above_us[at], at)) {
                let lost_us = self.lost_us + self.above_us[end];
                if best.as_ref().is_none_or(|best| lost_us < best.lost_us) {
                    let mut ended = self.clone();
                    ended.evict(end);
                    best = Some(ended);
                }
            }
            let Some(next) = self.next() else { break };
            self.evict(next);
        }
        let best =
            best.filter(|best| best.lost_us < self.lost_us || self.freed_bytes < needed_bytes);
        best.unwrap_or(self).spared(needed_bytes)
    }

    /// The record that, with all that lies upon it, costs least for each byte; of equals that which was
    /// not used for longest.
    fn next(&self) -> Option<usize> {
        let frees = |&at: &usize| self.above_bytes[at] > 0;
        self.candidates().filter(frees).min_by(|&a, &b| {
            let cost = |us: usize, bytes: usize| {
                u128::from(self.above_us[us]) * u128::from(self.above_bytes[bytes])
            };
            let age = |at: usize| (self.records[at].last_used_ms, at);
            cost(a, b)
                .cmp(&cost(b, a))
                .then_with(|| age(a).cmp(&age(b)))
        })
    }

    /// The records that go but for those that need not, because more would be free than was asked for.
    fn spared(mut self, needed_bytes: u64) -> Vec<usize> {
        loop {
            let surplus_bytes = self.freed_bytes.saturating_sub(needed_bytes);
            // What lies upon a record that goes has to go too.
            let may_stay = |&&at: &&usize| {
                self.records[at].size_bytes <= surplus_bytes
                    && self.tree.parents[at]
                        .iter()
                        .all(|&parent| !self.is_gone[parent])
            };
            let dearest = |&&at: &&usize| microseconds(&self.judged[at]);
            let spared = self.evicted.iter().filter(may_stay).max_by_key(dearest);
            let Some(&spared) = spared else {
                return self.evicted;
            };
            self.is_gone[spared] = false;
            self.evicted.retain(|&at| at != spared);
            self.freed_bytes -= self.records[spared].size_bytes;
        }
    }
}
