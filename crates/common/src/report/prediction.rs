//! What a recorded build would take under other conditions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CriticalStep, ReportData, SchemaVersion};

/// Body of a prediction, written by `build-orchestrator plan --from-report`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PredictionData {
    /// The id of the build report that was replayed.
    pub report: String,
    /// What the build took.
    pub recorded_ms: u64,
    /// How many targets were allowed to build at once.
    pub recorded_parallel_max: u32,
    /// What the simulation gives for the build as it was: how far it can be trusted.
    pub baseline_ms: u64,
    /// How many targets may build at once in the prediction.
    pub parallel_max: u32,
    /// The steps that take another time than recorded.
    pub changes: Vec<StepChange>,
    /// What the build would take.
    pub predicted_ms: u64,
    /// `baseline_ms` less `predicted_ms`; negative when it would take longer.
    pub saving_ms: i64,
    /// The targets, in the plan's order.
    pub targets: Vec<TargetPrediction>,
    /// The chain of steps that would decide how long the build takes, first to last.
    pub critical_path: Vec<CriticalStep>,
}

impl ReportData for PredictionData {
    const KIND: &'static str = "prediction";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// A step that takes another time than recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepChange {
    /// The step's id.
    pub step: String,
    /// What it took.
    pub recorded_ms: u64,
    /// What it would take.
    pub predicted_ms: u64,
}

/// When a target would be built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetPrediction {
    /// The target's name.
    pub target: String,
    /// Milliseconds from the build's start to the target's, as recorded.
    pub recorded_started_ms: u64,
    /// Milliseconds from the target's start to its end, as recorded.
    pub recorded_duration_ms: u64,
    /// Milliseconds from the build's start to the target's.
    pub started_ms: u64,
    /// Milliseconds from the target's start to its end.
    pub duration_ms: u64,
}
