//! Which records of the build cache are worth their space, and which go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EngineInfo, ReportData, SchemaVersion};

/// Body of a report written by `cache-optimizer prune`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PruneData {
    /// The Engine whose build cache it is.
    pub engine: EngineInfo,
    /// In which order records go.
    pub strategy: PruneStrategy,
    /// What was asked for.
    pub budget: PruneBudget,
    /// Sums over all records.
    pub totals: PruneTotals,
    /// The records: those that go in the order in which they go, then the others, least worth first.
    pub records: Vec<PruneRecord>,
    /// What was really deleted. `None` for a dry run.
    pub outcome: Option<PruneOutcome>,
}

impl ReportData for PruneData {
    const KIND: &'static str = "prune";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// In which order records of a build cache go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PruneStrategy {
    /// Those whose loss costs least for each byte go first.
    Value,
    /// Those that were not used for longest go first.
    Lru,
}

/// What is wanted of a build cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PruneBudget {
    /// Bytes that may stay, of records that no image shares. `None` when that is not limited.
    pub keep_bytes: Option<u64>,
    /// Records that were used within so many milliseconds stay. `None` when age spares none.
    pub keep_newer_than_ms: Option<u64>,
    /// Bytes that have to be free on the Engine's disk. `None` when that is not asked for.
    pub min_free_bytes: Option<u64>,
    /// Bytes that were free on the Engine's disk. `None` when it is not known to be one of this
    /// machine's.
    pub free_bytes: Option<u64>,
    /// Bytes that all this asks to free. `None` when all goes that is old enough.
    pub needed_bytes: Option<u64>,
}

/// Sums over all records of a build cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PruneTotals {
    /// How many records there are.
    pub record_count: u64,
    /// Bytes of those that no image shares.
    pub unshared_bytes: u64,
    /// Bytes of those that images share, whose loss would free nothing.
    pub shared_bytes: u64,
    /// How many go.
    pub evicted_count: u64,
    /// Bytes of those that go.
    pub evicted_bytes: u64,
    /// Milliseconds that it takes to make all again that goes.
    pub rebuild_ms: u64,
    /// The same, each record weighed by how probable it is that it will be needed again.
    pub expected_loss_ms: u64,
    /// Bytes that the budget asks to free beyond what may go.
    pub missing_bytes: u64,
}

/// One record of a build cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PruneRecord {
    /// The Engine's id of it.
    pub id: String,
    /// The ids of the records that it lies upon.
    pub parents: Vec<String>,
    /// What the builder says made it.
    pub description: String,
    /// The step of a past build that made it. `None` when no report tells.
    pub step: Option<PruneStep>,
    /// Bytes that it takes beside its parents.
    pub size_bytes: u64,
    /// How often builds used it, its making among them.
    pub use_count: u64,
    /// When a build used it last, in milliseconds before the report was made.
    pub idle_ms: u64,
    /// Milliseconds that it takes to make it again.
    pub rebuild_ms: u64,
    /// How that is known.
    pub rebuild_basis: RebuildBasis,
    /// How probable it is that a build needs it again, 0 to 1.
    pub need_ratio: f64,
    /// What becomes of it.
    pub fate: RecordFate,
}

/// A step as reports of several builds name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PruneStep {
    /// The target's name.
    pub target: String,
    /// The stage's name, else `stage-N`.
    pub stage: String,
    /// The instruction as written.
    pub text: String,
}

/// How the time to make a record again is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RebuildBasis {
    /// A build report has the time that its step took when it ran last.
    Measured,
    /// It was made so long after the record that it lies upon.
    Times,
    /// Nothing tells; it is assumed from what it is and how large.
    Assumed,
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecordFate {
    /// It goes.
    Evicted,
    /// It could go, and stays.
    Kept,
    /// It stays because an image shares it, so that nothing would be freed.
    Shared,
    /// It stays because a build uses it.
    InUse,
    /// It stays because the builder keeps it for itself.
    Internal,
    /// It stays because it was used within `keep_newer_than_ms`.
    Newer,
    /// It stays because a record that lies upon it stays.
    HoldsUp,
}

/// What became of a plan, by a second reading of the build cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PruneOutcome {
    /// How many of the records that were to go are gone.
    pub deleted_count: u64,
    /// Bytes of those.
    pub freed_bytes: u64,
    /// Bytes that the Engine says it freed.
    pub engine_freed_bytes: u64,
    /// Bytes of the records that no image shares, now.
    pub unshared_bytes: u64,
    /// Bytes that are free on the Engine's disk now. `None` when it is not known to be one of this
    /// machine's.
    pub free_bytes: Option<u64>,
    /// The ids of the records that were to go and are still there, sorted.
    pub left: Vec<String>,
}
