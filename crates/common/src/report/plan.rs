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
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 1 };
}

/// One target: everything that is known about it before an Engine is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetPlan {
    /// The target's name: the compose service, the bake target, or for a lone Dockerfile its target
    /// stage.
    pub name: String,
    /// The folder that is sent to the builder.
    pub context_path: String,
    /// The Dockerfile, as a path that can be opened from the working directory.
    pub dockerfile_path: String,
    /// The stage to build. `None` builds the last one.
    pub stage: Option<String>,
    /// The platform asked for, such as `linux/amd64`, several separated by commas. `None` leaves it
    /// to the builder.
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
    /// The Dockerfile's text when it is written inside the file at `dockerfile_path`, whose lines
    /// the locations then count. `None` when it is a file of its own. Since 1.1.
    #[serde(default)]
    pub dockerfile_inline: Option<String>,
    /// What names in `FROM` and `--from` mean: `target:NAME`, `docker-image://NAME`, a folder or a
    /// URL. Since 1.1.
    #[serde(default)]
    pub named_contexts: BTreeMap<String, String>,
    /// How the target is built beyond that. Since 1.1.
    #[serde(default)]
    pub options: TargetOptions,
}

/// How a target is built, where it is not as usual. Values of secret-looking names read
/// `<redacted>`; the values of secrets are never here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TargetOptions {
    /// Annotations of the image's manifest, as `[TYPE:]KEY=VALUE`.
    pub annotations: Vec<String>,
    /// The secrets, as `id=ID,src=PATH` or `id=ID,env=NAME`.
    pub secrets: Vec<String>,
    /// The ssh agents, as `ID` or `ID=PATH,…`.
    pub ssh: Vec<String>,
    /// Caches that are read beside the Engine's own, as `type=KIND,NAME=VALUE,…`.
    pub cache_from: Vec<String>,
    /// Where the cache is written to beside the Engine's own, in the same form.
    pub cache_to: Vec<String>,
    /// What becomes of the result, in the same form. Empty means an image in the Engine.
    pub outputs: Vec<String>,
    /// The network of `RUN` steps. `None` leaves it to the builder.
    pub network: Option<String>,
    /// Bytes of `/dev/shm` in `RUN` steps. `None` leaves it to the builder.
    pub shm_size_bytes: Option<u64>,
    /// Limits of `RUN` steps, as `NAME=SOFT[:HARD]`.
    pub ulimits: Vec<String>,
    /// Names that `RUN` steps can resolve, as `NAME=ADDRESS`.
    pub extra_hosts: Vec<String>,
    /// What the build may do beyond the ordinary, such as `network.host`.
    pub entitlements: Vec<String>,
    /// Attestations asked for, as `type=KIND,NAME=VALUE,…`.
    pub attestations: Vec<String>,
    /// Whether all steps run again, whatever the cache holds.
    pub no_cache: bool,
    /// The stages whose steps run again, whatever the cache holds.
    pub no_cache_stages: Vec<String>,
    /// Whether images are looked up in their registries although the Engine has them.
    pub pull: bool,
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
