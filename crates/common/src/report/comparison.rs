//! How one build differs from an earlier one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BuildTotals, Location, ReportData, SchemaVersion, TargetStatus};

/// Body of a comparison, written by `build-orchestrator compare`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparisonData {
    /// The earlier build.
    pub before: ComparedBuild,
    /// The later build.
    pub after: ComparedBuild,
    /// The targets of either build: those of the later one in its plan's order, then those that are
    /// gone.
    pub targets: Vec<ComparedTarget>,
    /// The steps that differ, those that cost most first. Steps of targets that only one of the
    /// builds has are left out.
    pub steps: Vec<ComparedStep>,
    /// How many steps of the later build are as they were.
    pub unchanged_count: u32,
}

impl ReportData for ComparisonData {
    const KIND: &'static str = "comparison";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// One of the two builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedBuild {
    /// The id of its report.
    pub report: String,
    /// When that was made.
    pub created_at: String,
    /// Its sums.
    pub totals: BuildTotals,
}

/// A target in both builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedTarget {
    /// The target's name.
    pub target: String,
    /// What became of it earlier. `None` when the earlier build did not have it.
    pub before: Option<TargetFigures>,
    /// What became of it later. `None` when the later build does not have it.
    pub after: Option<TargetFigures>,
}

/// What is compared of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetFigures {
    /// How it ended.
    pub status: TargetStatus,
    /// Milliseconds from its start to its end. `None` when it never started.
    pub duration_ms: Option<u64>,
    /// Bytes of the image. `None` when none was made.
    pub image_size_bytes: Option<u64>,
}

/// A step that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedStep {
    /// How it differs.
    pub difference: Difference,
    /// The target.
    pub target: String,
    /// The step's id in the later build, in the earlier one for a step that is gone.
    pub step: String,
    /// The step as written, else as the builder prints it.
    pub name: String,
    /// The instruction's place in the Dockerfile. `None` for the builder's own work.
    pub location: Option<Location>,
    /// Milliseconds that it took earlier; 0 when it came from the cache. `None` for a new step.
    pub before_ms: Option<u64>,
    /// Milliseconds that it takes now; 0 when it comes from the cache. `None` for a step that is
    /// gone.
    pub after_ms: Option<u64>,
}

/// How a step differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// It came from the cache, and runs now.
    BeganToMiss,
    /// It ran, and comes from the cache now.
    BeganToHit,
    /// It takes longer.
    Slower,
    /// It takes less time.
    Faster,
    /// The earlier build did not have it.
    New,
    /// The later build does not have it.
    Gone,
}
