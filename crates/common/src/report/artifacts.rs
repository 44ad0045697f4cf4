//! What a folder of artifacts holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReportData, SchemaVersion};

/// Body of an artifacts report, written by `build-orchestrator build --artifacts` and by
/// `build-orchestrator artifacts`. The manifests in the folder are such reports too, each of one
/// build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactsData {
    /// The builds whose artifacts are kept, newest first.
    pub builds: Vec<StoredBuild>,
    /// Bytes of all that the folder keeps of these builds, what they share counted once.
    pub size_bytes: u64,
    /// What was removed, or would have been. `None` when nothing was asked to be.
    pub pruned: Option<Pruned>,
}

impl ReportData for ArtifactsData {
    const KIND: &'static str = "artifacts";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// The artifacts of one build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredBuild {
    /// The id of its build report.
    pub build: String,
    /// When that report was made, RFC 3339 in UTC.
    pub created_at: String,
    /// What it made, by target and then in the order of its outputs.
    pub artifacts: Vec<Artifact>,
}

/// One file that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    /// The file's or folder's name when it was made, of an image that of its target.
    pub name: String,
    /// The target that made it.
    pub target: String,
    /// What it is: `local` (a folder, kept as a tar archive), `tar`, `docker` or `oci` as the build
    /// wrote them, or `image`, an image of the Engine as `docker save` writes it.
    pub kind: String,
    /// Bytes of the file that is kept.
    pub size_bytes: u64,
    /// The digest of its content. The file is `sha256/HEX` in the folder.
    pub digest: String,
    /// The names that the image has. Empty for what is no image.
    pub tags: Vec<String>,
}

/// What pruning a folder removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pruned {
    /// Whether it was only asked what would be removed.
    pub dry_run: bool,
    /// The ids of the builds, oldest first.
    pub builds: Vec<String>,
    /// How many files of content are gone.
    pub file_count: u64,
    /// Bytes of those files.
    pub size_bytes: u64,
}
