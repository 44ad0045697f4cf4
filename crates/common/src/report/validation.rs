//! What was checked of built images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EngineInfo, ReportData, SchemaVersion};

/// Body of a validation report, written by `build-orchestrator validate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationData {
    /// The Engine that has the images and started them.
    pub engine: EngineInfo,
    /// The file with the contract. `None` when only what holds for any image was checked.
    pub contract_path: Option<String>,
    /// The images, in the order in which they were named or built.
    pub images: Vec<ImageValidation>,
}

impl ReportData for ValidationData {
    const KIND: &'static str = "validation";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// What was checked of one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageValidation {
    /// The image's first tag, else its id.
    pub name: String,
    /// The image's id, as the Engine's API gives it.
    pub id: String,
    /// The target that made it. `None` when no build report that was read knows it.
    pub target: Option<String>,
    /// The stage that it is. `None` when no build report that was read knows it.
    pub stage: Option<String>,
    /// The platform that it is for, such as `linux/amd64`.
    pub platform: String,
    /// Uncompressed bytes of all layers.
    pub size_bytes: u64,
    /// What it runs as, as its configuration says. Empty means root.
    pub user: String,
    /// What it runs: its entrypoint and command.
    pub command: Vec<String>,
    /// The parts of the contract that hold for it, as in `stages.runtime`, the most general first.
    pub contracts: Vec<String>,
    /// What was checked, each rule once, in the order of `validate --rules`.
    pub checks: Vec<ImageCheck>,
    /// How it started. `None` when it was not started.
    pub start: Option<ImageStart>,
}

/// One rule and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageCheck {
    /// The rule, as in the findings.
    pub rule: String,
    /// What came of it.
    pub result: CheckResult,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    /// The image is as it should be.
    Passed,
    /// There is a finding.
    Failed,
    /// Nothing asks for it, or it cannot be checked.
    Skipped,
}

/// How a container of the image started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageStart {
    /// How it ended or went on.
    pub state: StartState,
    /// Milliseconds from its start until that was known.
    pub duration_ms: u64,
    /// What its process ended with. `None` when it was still running.
    pub exit_code: Option<i64>,
    /// The last lines that it printed. Kept when it did not start as it should.
    pub log_tail: Vec<String>,
}

/// What became of a container that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StartState {
    /// Its health check passed.
    Healthy,
    /// Its health check did not pass in time.
    Unhealthy,
    /// It kept running; it has no health check.
    Running,
    /// Its process ended.
    Exited,
    /// The Engine could not start it.
    Refused,
}
