//! What was built: every target and step, with times, cache state and inputs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{Location, ReportData, SchemaVersion, TargetPlan, sha256_hex};

/// Body of a build report, written by `build-orchestrator build`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuildData {
    /// The Engine that built.
    pub engine: EngineInfo,
    /// How many targets were allowed to build at once.
    pub parallel_max: u32,
    /// Whether the cache was switched off for all steps.
    pub no_cache: bool,
    /// The targets, in the plan's order.
    pub targets: Vec<TargetBuild>,
    /// Sums over all targets.
    pub totals: BuildTotals,
    /// The chain of steps that decided how long the build took, first to last.
    pub critical_path: Vec<CriticalStep>,
}

impl ReportData for BuildData {
    const KIND: &'static str = "build";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 3 };
}

/// The Engine that built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EngineInfo {
    /// Its version, such as `20.10.24`.
    pub version: String,
    /// The version of its API, such as `1.41`.
    pub api_version: String,
    /// Its own platform, such as `linux/amd64`.
    pub platform: String,
}

/// What became of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetBuild {
    /// What was asked for.
    pub plan: TargetPlan,
    /// How it ended.
    pub status: TargetStatus,
    /// Milliseconds from the build's start to the target's. `None` when it never started.
    pub started_ms: Option<u64>,
    /// Milliseconds from the target's start to its end. `None` when it never started.
    pub duration_ms: Option<u64>,
    /// The image. `None` when none was made.
    pub image: Option<ImageInfo>,
    /// What was read and sent of the build context.
    pub context: ContextInfo,
    /// The steps, in the order in which they started; steps that never started come last.
    pub steps: Vec<StepBuild>,
    /// Why the target failed, was skipped or cancelled. `None` when it was built.
    pub error: Option<String>,
    /// What kind of error it is. `None` when there is none. Since 1.1.
    #[serde(default)]
    pub error_kind: Option<ErrorKind>,
    /// How often the target was tried. 0 when it never started. Since 1.1.
    #[serde(default)]
    pub attempt_count: u32,
    /// Where the image was pushed to. Since 1.1.
    #[serde(default)]
    pub pushed: Vec<PushedImage>,
    /// The files and folders that were written beside the image. Since 1.1.
    #[serde(default)]
    pub exported: Vec<ExportedFile>,
    /// Milliseconds that the target waited for other targets, for a free slot, for files to be sent
    /// and for the image to be written. Since 1.1.
    #[serde(default)]
    pub lost: LostTime,
    /// The stages that others take files from, as images of their own, in the Dockerfile's order.
    /// Empty unless they were asked for. Since 1.2.
    #[serde(default)]
    pub stage_images: Vec<StageImage>,
}

/// Why a target was not built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The build itself failed: trying again gives the same.
    Build,
    /// The network or a registry failed, and went on failing when it was tried again.
    Transient,
    /// It took longer than it was allowed to.
    Timeout,
    /// The Engine lacks what the target needs.
    Unsupported,
    /// The Engine could not be reached or was lost.
    Unavailable,
}

/// An image in a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushedImage {
    /// Its name with tag.
    pub name: String,
    /// The digest of its manifest in the registry.
    pub digest: String,
}

/// A stage of a Dockerfile as an image without a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageImage {
    /// The stage's position in the Dockerfile, as `StagePlan` has it.
    pub stage: u32,
    /// The image's id, as in `ImageInfo`.
    pub image_id: String,
}

/// A file or folder that a build wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedFile {
    /// What it is: `local`, `tar`, `docker` or `oci`.
    pub kind: String,
    /// Where it is.
    pub path: String,
    /// Bytes of the file, of a folder those of all its files.
    pub size_bytes: u64,
}

/// Milliseconds in which a target did no work of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LostTime {
    /// Waiting for the targets that it depends on.
    pub dependencies_ms: u64,
    /// Waiting for a free slot among the targets that may build at once.
    pub slot_ms: u64,
    /// Sending the build context and fetching images.
    pub transfer_ms: u64,
    /// Writing and pushing the result.
    pub export_ms: u64,
}

/// How a target ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetStatus {
    /// The image is there.
    Built,
    /// A step or the export failed.
    Failed,
    /// A target that it depends on failed.
    Skipped,
    /// The build was interrupted before this target was done.
    Cancelled,
}

/// An image as the Engine knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageInfo {
    /// The image's id: the digest of its configuration on overlay2 stores, of its manifest on
    /// containerd stores. It is what the Engine's API gives as `Id`.
    pub id: String,
    /// Uncompressed bytes of all layers, as the Engine's API gives as `Size`.
    pub size_bytes: u64,
    /// The platform that the image is for, such as `linux/amd64`.
    pub platform: String,
}

/// What was read and sent of a build context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextInfo {
    /// Files offered to the builder after `.dockerignore`.
    pub file_count: u64,
    /// Bytes of those files.
    pub size_bytes: u64,
    /// Bytes that the builder asked for, because it did not have them yet.
    pub sent_bytes: u64,
}

/// One step of a target, as the builder reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepBuild {
    /// Names the step within the report: `TARGET/STAGE/N`, or `TARGET/NAME` for internal work.
    pub id: String,
    /// What kind of work it is.
    pub kind: StepKind,
    /// The stage that the step belongs to, by its `AS` name, else `stage-N`. `None` for internal
    /// work.
    pub stage: Option<String>,
    /// The step as the builder prints it, without its `[stage n/m]` prefix.
    pub name: String,
    /// The instruction's place in the Dockerfile. `None` for internal work.
    pub location: Option<Location>,
    /// Whether the result came from the cache of earlier builds. `None` when there is no result: the
    /// step was not reached, or was broken off.
    pub cached: Option<bool>,
    /// The step of another target of this build that did the work, whose result this one shares
    /// without running. `None` when the step ran itself or came from the cache.
    pub shared_with: Option<String>,
    /// Milliseconds from the build's start. `None` when the step never started.
    pub started_ms: Option<u64>,
    /// Milliseconds that the step ran; its intervals are merged. 0 when it was cached or shared.
    pub duration_ms: u64,
    /// Ids of the steps whose results it uses, sorted.
    pub depends_on: Vec<String>,
    /// What a `COPY` or `ADD` takes from the build context, or since 1.3 a `RUN` mounts of it. `None`
    /// for all other steps.
    pub context_files: Option<ContextFiles>,
    /// The last lines that the step printed. Kept for failed steps only.
    pub log_tail: Vec<String>,
    /// What the builder said when the step failed. `None` when it did not.
    pub error: Option<String>,
    /// What is in the key of a `RUN`. `None` for all other steps. Since 1.1.
    #[serde(default)]
    pub run: Option<RunInputs>,
    /// The image that a `FROM` starts from: its digest in the registry, or its id in the Engine.
    /// `None` for all other steps, and when the builder did not say. Since 1.1.
    #[serde(default)]
    pub base_digest: Option<String>,
}

/// What decides, beside its text and its parent, whether a `RUN` comes from the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunInputs {
    /// The build arguments that it sees. Values of secret-looking names read `sha256:…` of the value
    /// with the name put before it, so that a change shows and the value does not.
    pub args: BTreeMap<String, String>,
    /// The environment that it sees, hidden in the same way.
    pub env: BTreeMap<String, String>,
    /// Its `--mount`s, as written, in order.
    pub mounts: Vec<String>,
    /// Its `--network`. `None` when it does not say.
    pub network: Option<String>,
}

/// The kinds of work that a builder reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// An instruction of the Dockerfile that makes something.
    Instruction,
    /// Finding, and if need be pulling, the image of a `FROM`. Neither hit nor miss: the builder
    /// asks for the image each time.
    Base,
    /// Work of the builder itself: reading the Dockerfile, the context, image metadata.
    Internal,
    /// Writing the image.
    Export,
}

/// The files of the build context that a step takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextFiles {
    /// Digest over path, mode, type and content of every file. Equal digests mean equal input.
    pub digest: String,
    /// How many files there are.
    pub file_count: u64,
    /// Bytes of all of them.
    pub size_bytes: u64,
    /// The files by path. Empty when there are more than `CONTEXT_FILES_MAX`, or `list_path` has
    /// them.
    pub files: Vec<ContextFile>,
    /// A file with the list, one `ContextFile` as JSON a line. `None` when there is none. Since 1.1.
    #[serde(default)]
    pub list_path: Option<String>,
    /// The folders by path, whose permission bits and being there are in the key too, though not in
    /// `digest`. Empty when there are more than `CONTEXT_FILES_MAX`. Since 1.3.
    #[serde(default)]
    pub folders: Vec<ContextFolder>,
    /// How many folders there are. `None` in older reports. Since 1.3.
    #[serde(default)]
    pub folder_count: Option<u64>,
}

impl ContextFiles {
    /// The digest of a list of files, which `digest` holds and which names the list's own file.
    pub fn digest_of(files: &[ContextFile]) -> String {
        let line = |file: &ContextFile| {
            let kind = if file.is_link { "link" } else { "file" };
            format!("{kind} {:o} {} {}", file.mode, file.digest, file.path)
        };
        let lines: Vec<String> = files.iter().map(line).collect();
        // A path cannot hold a NUL, so that no two lists give the same text.
        sha256_hex(lines.join("\0").as_bytes())
    }
}

/// How many files of one step a report lists by name; `ContextFiles::digest` covers the rest.
///
/// Chosen: keeps the longest list near 200 kB of JSON.
pub const CONTEXT_FILES_MAX: usize = 1000;

/// One file of the build context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextFile {
    /// The path within the context, with `/` between its parts.
    pub path: String,
    /// The permission bits, such as 420 for `0644`.
    pub mode: u32,
    /// Bytes of content; for a symbolic link those of its target.
    pub size_bytes: u64,
    /// Digest of the content; for a symbolic link of its target's text.
    pub digest: String,
    /// Whether it is a symbolic link. Since 1.1.
    #[serde(default)]
    pub is_link: bool,
    /// When it was last written, in nanoseconds since 1970. `None` where a list stands beside the
    /// report, and in older reports. Since 1.3.
    #[serde(default)]
    pub modified_ns: Option<i64>,
}

/// One folder of the build context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextFolder {
    /// The path within the context, with `/` between its parts.
    pub path: String,
    /// The permission bits, such as 493 for `0755`.
    pub mode: u32,
}

/// Sums over all targets of a build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuildTotals {
    /// Milliseconds from the start to the end of the whole build.
    pub duration_ms: u64,
    /// How many targets there are.
    pub target_count: u32,
    /// How many of them were built.
    pub built_count: u32,
    /// Instruction steps, each counted where it ran or came from the cache; shared ones are left out.
    pub step_count: u32,
    /// How many of those came from the cache.
    pub cached_count: u32,
    /// Milliseconds of all steps together, which parallel work makes more than the wall time.
    pub step_duration_ms: u64,
    /// Bytes sent to the builder.
    pub sent_bytes: u64,
}

/// One link of the critical path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CriticalStep {
    /// The step's id.
    pub step: String,
    /// Milliseconds that the step ran.
    pub duration_ms: u64,
    /// Milliseconds between the end of the link before it, or the build's start, and its start.
    pub waited_ms: u64,
}
