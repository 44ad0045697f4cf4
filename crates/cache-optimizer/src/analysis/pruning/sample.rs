//! Small build caches for tests.

use crate::model::build_cache::{
    BuildCache, CacheRecord, PastStep, RecordKind, StepName, StepOutcome,
};

/// One second, in milliseconds.
pub(super) const SECOND: i64 = 1000;

/// A layer of `size_bytes` upon `parents`, made at second 0 and not used since; it is second 100.
pub(super) fn layer(id: &str, parents: &[&str], size_bytes: u64) -> CacheRecord {
    CacheRecord {
        id: id.to_owned(),
        parents: parents.iter().map(|&parent| parent.to_owned()).collect(),
        kind: RecordKind::Layer,
        description: "fileop target".to_owned(),
        is_in_use: false,
        is_shared: false,
        size_bytes,
        created_ms: 0,
        last_used_ms: 0,
        use_count: 1,
    }
}

/// A layer that a command made.
pub(super) fn run(id: &str, parents: &[&str], size_bytes: u64, command: &str) -> CacheRecord {
    CacheRecord {
        description: format!("mount / from exec /bin/sh -c {command}"),
        ..layer(id, parents, size_bytes)
    }
}

/// A record that was made at a second.
pub(super) fn made(second: i64, record: CacheRecord) -> CacheRecord {
    CacheRecord {
        created_ms: second * SECOND,
        last_used_ms: second * SECOND,
        ..record
    }
}

/// A record that was used so often after its making, last at a second.
pub(super) fn used(count: u64, second: i64, record: CacheRecord) -> CacheRecord {
    CacheRecord {
        use_count: count + 1,
        last_used_ms: second * SECOND,
        ..record
    }
}

/// A cache of these records at second 100.
pub(super) fn cache<const N: usize>(records: [CacheRecord; N]) -> BuildCache {
    BuildCache {
        records: records.into(),
        now_ms: 100 * SECOND,
        ..BuildCache::default()
    }
}

/// A step of the target `app`, upon an empty base unless it has a parent, that ran until a second.
pub(super) fn step(text: &str, parent: Option<usize>, second: i64, duration_ms: u64) -> PastStep {
    PastStep {
        name: StepName {
            target: "app".to_owned(),
            stage: "build".to_owned(),
            text: text.to_owned(),
        },
        command: text.strip_prefix("RUN ").map(str::to_owned),
        parent,
        is_on_image: false,
        ended_ms: second * SECOND,
        outcome: StepOutcome::Ran { duration_ms },
    }
}
