//! What is going to be built: the resolved targets and their stages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{Location, ReportData, SchemaVersion};

/// Body of a plan report, written by `build-orchestrator plan`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanData {
    /// The targets in the order in which they may start: each after those that it depends on.
    pub targets: Vec<TargetPlan>,
}

impl ReportData for PlanData {
    const KIND: &'static str = "plan";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// What stands in a report in the place of a value that must not be shown.
pub const REDACTED: &str = "<redacted>";

/// One target: everything that is known about it before an Engine is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetPlan {
    /// The target's name: the compose service, or for a lone Dockerfile its target stage.
    pub name: String,
    /// The folder that is sent to the builder.
    pub context_path: String,
    /// The Dockerfile, as a path that can be opened from the working directory.
    pub dockerfile_path: String,
    /// The stage to build. `None` builds the last one.
    pub stage: Option<String>,
    /// The platform asked for, such as `linux/amd64`. `None` leaves it to the builder.
    pub platform: Option<String>,
    /// The names that the image gets.
    pub tags: Vec<String>,
    /// Build arguments that were given. Values of secret-looking names read `<redacted>`, which is
    /// `REDACTED`.
    pub build_args: BTreeMap<String, String>,
    /// Labels that the image gets beside those of the Dockerfile.
    pub labels: BTreeMap<String, String>,
    /// Names of the targets that have to be built before this one, sorted.
    pub depends_on: Vec<String>,
    /// The stages that the target needs, in the Dockerfile's order.
    pub stages: Vec<StagePlan>,
}

/// One stage of a target's Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StagePlan {
    /// The stage's position in the Dockerfile, from 0, as `COPY --from=0` counts.
    pub index: u32,
    /// The name that `AS` gives it. `None` when it has none.
    pub name: Option<String>,
    /// The line of its `FROM`.
    pub location: Location,
    /// What it starts from, with build arguments put in.
    pub base: StageBase,
    /// Indexes of the stages that it takes files from (`COPY --from`, mounts), sorted.
    pub copies_from: Vec<u32>,
    /// The instructions after `FROM`, in order.
    pub instructions: Vec<InstructionPlan>,
}

impl StagePlan {
    /// The stage's name as BuildKit prints it: its `AS` name, else `stage-N`.
    pub fn label(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| format!("stage-{}", self.index))
    }
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StageBase {
    /// Nothing: `FROM scratch`.
    Scratch,
    /// Another stage of the same Dockerfile.
    Stage {
        /// That stage's position, from 0.
        index: u32,
    },
    /// An image.
    Image {
        /// Its name, as resolved.
        name: String,
    },
}

/// One instruction of a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstructionPlan {
    /// The instruction's keyword in capitals, such as `COPY`.
    pub keyword: String,
    /// The instruction as written, its lines joined by single blanks.
    pub text: String,
    /// The first line of the instruction.
    pub line: u32,
    /// The last line of the instruction, that of the here-document's end if it has one.
    pub end_line: u32,
}
