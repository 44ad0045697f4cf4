//! How two images differ.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReportData, SchemaVersion};

/// Body of a report on how two images differ, written by `layer-analyzer diff`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceData {
    /// The first image, which is compared with.
    pub before: DifferenceImage,
    /// The second image.
    pub after: DifferenceImage,
    /// How much alike they are.
    pub reproducibility: Reproducibility,
    /// How many paths of the final file systems differ, and by how many bytes.
    pub totals: DifferenceTotals,
    /// The paths of the final file systems that differ, by path, cut at the number asked for:
    /// those of which only times differ are left out first.
    pub paths: Vec<PathDifference>,
    /// How many more paths differ.
    pub paths_omitted: u64,
    /// The settings of the configuration that differ, by name.
    pub settings: Vec<SettingDifference>,
    /// The layers side by side, lowest first.
    pub layers: Vec<LayerDifference>,
}

impl ReportData for DifferenceData {
    const KIND: &'static str = "difference";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// One of two images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceImage {
    /// What the image was asked for as.
    pub name: String,
    /// The digest of its configuration.
    pub id: String,
    /// The platform, such as `linux/amd64`. `None` when it does not say.
    pub platform: Option<String>,
    /// Bytes of all layers.
    pub size_bytes: u64,
    /// Bytes of the files that a container sees.
    pub live_bytes: u64,
    /// Files that a container sees.
    pub file_count: u64,
    /// How many layers there are.
    pub layer_count: u32,
}

/// How much alike two images are: what has to be left out of account until they are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reproducibility {
    /// The verdict.
    pub verdict: ReproducibilityVerdict,
    /// What differs, sorted; empty for identical images.
    pub causes: Vec<DifferenceCause>,
}

/// How much alike two images are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReproducibilityVerdict {
    /// The same, bit for bit: configuration and layers have the same digests.
    Identical,
    /// A container sees the same files and settings; times, order or packing differ.
    Equivalent,
    /// A container sees something else.
    Different,
    /// Contents were not read, and what was read does not differ.
    Unknown,
}

/// One way in which two images differ.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceCause {
    /// Files are there in one only.
    Files,
    /// Files have other contents.
    Content,
    /// Paths are of another kind, such as a link in place of a file, or lead elsewhere.
    Kind,
    /// Permissions differ.
    Permissions,
    /// Owners differ.
    Ownership,
    /// Extended attributes differ.
    Attributes,
    /// Times of last change differ.
    Times,
    /// The settings of containers differ.
    Settings,
    /// Layers hold the same in another order.
    Order,
    /// The same files are spread over other layers, or layers differ in what no container sees.
    Layers,
    /// The archives are written another way: headers or padding.
    Packing,
    /// When the images were made, the history of commands, or what else the configuration says.
    History,
}

/// Sums over all paths that differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceTotals {
    /// Paths that only the second image has.
    pub added_count: u64,
    /// Bytes of their files.
    pub added_bytes: u64,
    /// Paths that only the first image has.
    pub removed_count: u64,
    /// Bytes of their files.
    pub removed_bytes: u64,
    /// Paths with another content, kind or target.
    pub changed_count: u64,
    /// Bytes of the second image's files at those paths.
    pub changed_bytes: u64,
    /// Paths of which only metadata differ.
    pub metadata_count: u64,
}

/// A path that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathDifference {
    /// The path in the image, as in layer reports.
    pub path: String,
    /// How it differs.
    pub change: PathChange,
    /// What differs, sorted. Empty for paths that one image only has.
    pub causes: Vec<DifferenceCause>,
    /// Bytes in the first image. `None` when there is no file.
    pub before_bytes: Option<u64>,
    /// Bytes in the second image. `None` when there is no file.
    pub after_bytes: Option<u64>,
    /// What differs in words, such as `mode 644, now 755`. `None` when the causes say it all.
    pub detail: Option<String>,
    /// The layer of the second image that has it, of the first for removed paths, by index.
    pub layer: u32,
}

/// How a path differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PathChange {
    /// Only the second image has it.
    Added,
    /// Only the first image has it.
    Removed,
    /// Both have it, and content, kind or target differ.
    Changed,
    /// Both have it, and only metadata differ.
    Metadata,
}

/// A setting of the configuration that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingDifference {
    /// Its name, such as `Env.PATH` or `Cmd`.
    pub name: String,
    /// Its value in the first image, as JSON; secrets redacted. `None` when it is not set.
    pub before: Option<String>,
    /// Its value in the second image.
    pub after: Option<String>,
}

/// Two layers at the same place, counted from the bottom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerDifference {
    /// The place, from 0.
    pub index: u32,
    /// The first image's layer. `None` when it has fewer.
    pub before: Option<DifferenceLayer>,
    /// The second image's layer. `None` when it has fewer.
    pub after: Option<DifferenceLayer>,
    /// What differs between the two, sorted. Empty when they are the same, when only one is there,
    /// and when nothing differs of what was read.
    pub causes: Vec<DifferenceCause>,
}

/// One layer of two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceLayer {
    /// Digest of the uncompressed archive.
    pub diff_id: String,
    /// Bytes of its files.
    pub size_bytes: u64,
    /// The instruction that made it, where the history tells.
    pub instruction: Option<String>,
}
