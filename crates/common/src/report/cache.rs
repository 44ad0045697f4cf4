//! Which steps missed the cache, why, and what that cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, ReportData, SchemaVersion};

/// Body of a cache report, written by `cache-optimizer analyze`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CacheData {
    /// The id of the earlier build report that causes were sought in. `None` when there was none.
    pub baseline: Option<String>,
    /// How the cache did, target by target, in the build's order.
    pub targets: Vec<TargetCache>,
    /// The steps that ran, most expensive first.
    pub misses: Vec<Miss>,
}

impl ReportData for CacheData {
    const KIND: &'static str = "cache";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// How the cache did in one target. Counts instruction steps only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetCache {
    /// The target's name.
    pub target: String,
    /// Steps that came from the cache.
    pub hit_count: u32,
    /// Steps that ran.
    pub miss_count: u32,
    /// `hit_count / (hit_count + miss_count)`. `None` when no step did either.
    pub hit_ratio: Option<f64>,
    /// Milliseconds of the steps that ran.
    pub missed_ms: u64,
}

/// A step that ran instead of coming from the cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Miss {
    /// The step's id in the build report.
    pub step: String,
    /// The step as the builder prints it.
    pub name: String,
    /// The instruction's place in the Dockerfile. `None` when the build report has none.
    pub location: Option<Location>,
    /// Milliseconds that the step ran.
    pub duration_ms: u64,
    /// Why it ran.
    pub cause: MissCause,
}

/// Why a step ran. The first cause in its cache key; never a guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum MissCause {
    /// The cache was switched off.
    NoCache,
    /// The earlier build did not have this step: the instruction or its stage is new or edited.
    InstructionChanged,
    /// Files that the step copies changed.
    FilesChanged {
        /// The changes, by path. Empty when a build report lists too many files to name them.
        changes: Vec<ContextChange>,
    },
    /// A build argument of the target changed.
    ArgChanged {
        /// The argument's name.
        name: String,
        /// Its value in the earlier build. `None` when it was not given.
        before: Option<String>,
        /// Its value in this build. `None` when it was not given.
        after: Option<String>,
    },
    /// A step that this one builds on ran.
    DependencyRan {
        /// That step's id.
        step: String,
    },
    /// The evidence does not settle it.
    Unknown {
        /// What would have to be known.
        missing: String,
    },
}

/// One file that differs between two builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextChange {
    /// The path within the build context.
    pub path: String,
    /// What happened to it.
    pub change: ContextChangeKind,
}

/// What can happen to a file between two builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContextChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its content differs.
    Content,
    /// Its permission bits differ, its content does not.
    Mode,
}
