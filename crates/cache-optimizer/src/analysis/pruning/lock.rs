//! Which records cannot go, and why.

use super::tree::Tree;
use crate::model::build_cache::{BuildCache, CacheRecord, RecordKind};

/// Why a record cannot go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// A build uses it just now.
    InUse,
    /// An image holds it too: its loss would cost a step, and free nothing.
    /// Source: research/cache.md section 1.7
    Shared,
    /// The builder keeps it for itself.
    Internal,
    /// It was used within the time that the budget spares.
    Newer,
    /// A record that lies upon it cannot go.
    HoldsUp,
}

/// The reason of each record that cannot go.
pub(super) fn locks(
    cache: &BuildCache,
    tree: &Tree,
    keep_newer_than_ms: Option<u64>,
) -> Vec<Option<Lock>> {
    let own = |record| own_lock(record, cache.now_ms, keep_newer_than_ms);
    let mut locks: Vec<_> = cache.records.iter().map(own).collect();
    for &at in tree.downwards.iter().rev() {
        if locks[at].is_none()
            && tree.children[at]
                .iter()
                .any(|&child| locks[child].is_some())
        {
            locks[at] = Some(Lock::HoldsUp);
        }
    }
    locks
}

fn own_lock(record: &CacheRecord, now_ms: i64, keep_newer_than_ms: Option<u64>) -> Option<Lock> {
    let idle_ms = u64::try_from(now_ms - record.last_used_ms).unwrap_or(0);
    if record.is_in_use {
        Some(Lock::InUse)
    } else if record.is_shared {
        Some(Lock::Shared)
    } else if record.kind == RecordKind::Internal {
        Some(Lock::Internal)
    } else if keep_newer_than_ms.is_some_and(|keep| idle_ms < keep) {
        Some(Lock::Newer)
    } else {
        None
    }
}
