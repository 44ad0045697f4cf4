//! What is in the layers of images, and what of it is wasted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, ReportData, SchemaVersion};

/// Body of a layer report, written by `layer-analyzer analyze`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerData {
    /// The images, in the order in which they were asked for.
    pub images: Vec<ImageLayers>,
    /// What the images have in common. `None` for fewer than two. Since 1.1.
    #[serde(default)]
    pub sharing: Option<Sharing>,
    /// The limits that were asked for, and whether they are kept, in the order of the images.
    /// Since 1.1.
    #[serde(default)]
    pub gates: Vec<Gate>,
}

impl ReportData for LayerData {
    const KIND: &'static str = "layer";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 1 };
}

/// One image, layer by layer.
///
/// Bytes are those of file contents as stored in the layers' tar archives, uncompressed, without
/// the archives' own headers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImageLayers {
    /// What the image was asked for as: a name, an id, or the path of an archive.
    pub name: String,
    /// The digest of the image's configuration.
    pub id: String,
    /// The names that the image carries, sorted.
    pub tags: Vec<String>,
    /// The platform that the image is for, such as `linux/amd64`. `None` when it does not say.
    pub platform: Option<String>,
    /// The build target that made it. `None` when no build report names the image.
    pub target: Option<String>,
    /// Bytes of all layers.
    pub size_bytes: u64,
    /// Bytes of the files that a container sees.
    pub live_bytes: u64,
    /// Bytes stored in some layer that a container cannot see: `size_bytes - live_bytes`.
    pub wasted_bytes: u64,
    /// `live_bytes / size_bytes`; 1 for an image without bytes.
    pub efficiency_ratio: f64,
    /// Files that a container sees.
    pub file_count: u64,
    /// The layers, lowest first.
    pub layers: Vec<Layer>,
    /// The paths that waste most, most first, cut at the number asked for.
    pub wasted_paths: Vec<WastedPath>,
    /// How many more paths waste bytes.
    pub wasted_paths_omitted: u64,
    /// Whether every byte was read, and has the digest that it should have. Otherwise only the
    /// layers' structure was read, and what rests on contents is `None`. Since 1.1.
    #[serde(default)]
    pub verified: bool,
    /// Entries of all layers: files, links, directories, devices and whiteouts. Since 1.1.
    #[serde(default)]
    pub entry_count: u64,
    /// Bytes of all layers when they are unpacked, with the holes of sparse files. Since 1.1.
    #[serde(default)]
    pub logical_bytes: u64,
    /// The measures of the program `dive`, for those who compare. Since 1.1.
    #[serde(default)]
    pub dive: Option<DiveMeasures>,
    /// What comes from the base image. `None` when it is not known which layers do. Since 1.1.
    #[serde(default)]
    pub base: Option<BaseShare>,
    /// Bytes of files that a container sees and whose content it sees elsewhere too: all but one
    /// of each. `None` when contents were not read. Since 1.1.
    #[serde(default)]
    pub duplicate_bytes: Option<u64>,
    /// The contents that are there more than once, those first that repeat most bytes, cut at the
    /// number asked for. Since 1.1.
    #[serde(default)]
    pub duplicates: Vec<DuplicateContent>,
    /// How many more contents are there more than once. Since 1.1.
    #[serde(default)]
    pub duplicates_omitted: u64,
    /// Which instructions made the bytes that a container sees, traced through `COPY --from`, most
    /// bytes first. Empty without a build report that knows the stages' images. Since 1.1.
    #[serde(default)]
    pub traced: Vec<TracedBytes>,
}

/// What `dive` would say of an image. Source: dive's `filetree/efficiency.go`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiveMeasures {
    /// The sum over all paths of the smallest size that a layer has there / the sum of all sizes.
    pub efficiency_ratio: f64,
    /// Bytes of all copies of the paths that several layers have, the one that is seen included.
    pub wasted_bytes: u64,
    /// `wasted_bytes` / the bytes of all layers but the lowest; 0 when those have none. Can be more
    /// than 1.
    pub user_wasted_ratio: f64,
}

/// The part of an image that was there before its own instructions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaseShare {
    /// The base image, if it is known by a name.
    pub name: Option<String>,
    /// How many layers are the base's, from the bottom.
    pub layer_count: u32,
    /// Bytes of the base's layers.
    pub size_bytes: u64,
    /// Bytes of the base's layers that no container sees.
    pub wasted_bytes: u64,
    /// Bytes of the layers above.
    pub own_bytes: u64,
    /// Bytes that no container sees because of the layers above: of those layers, or of the base's
    /// and replaced or deleted by them.
    pub own_wasted_bytes: u64,
}

/// A content that a container sees under several paths that are not links of one another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuplicateContent {
    /// Bytes of one copy.
    pub size_bytes: u64,
    /// How many copies a container sees.
    pub copy_count: u32,
    /// Bytes of all copies but one.
    pub duplicate_bytes: u64,
    /// The paths, sorted, of which at most ten are listed.
    pub paths: Vec<String>,
    /// The layers that store them, by index, sorted.
    pub layers: Vec<u32>,
}

/// Bytes of an image that one instruction made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TracedBytes {
    /// The stage of the Dockerfile. `None` for what comes from a base image.
    pub stage: Option<String>,
    /// The instruction's first line. `None` for what comes from a base image.
    pub location: Option<Location>,
    /// The instruction, or the image that the bytes come from.
    pub instruction: String,
    /// Bytes that a container sees.
    pub size_bytes: u64,
    /// How many files have them.
    pub file_count: u64,
    /// The largest of those files, as they are called in the final image; at most five.
    pub largest_paths: Vec<String>,
    /// The lines of the `COPY --from` that the bytes came through, from the last to the first.
    /// Empty for what the final stage made itself.
    pub through: Vec<Location>,
}

/// A limit for an image, and what the image has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// The rule, as in the finding of a gate that is not passed, such as `max-wasted-ratio`.
    pub rule: String,
    /// The image's name.
    pub image: String,
    /// What is allowed: at least for rules that start with `min-`, at most for others.
    pub limit: f64,
    /// What the image has.
    pub value: f64,
    /// What both numbers count.
    pub unit: GateUnit,
    /// Whether the limit is kept.
    pub passed: bool,
}

/// What the numbers of a gate count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GateUnit {
    /// Bytes.
    Bytes,
    /// A share, where 1 is all.
    Ratio,
}

/// What the images of a set share, and what they cost together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sharing {
    /// Bytes of the layers that a registry keeps, each digest once, as they were read: compressed
    /// where they are. Tells what a push to an empty registry costs.
    pub registry_bytes: u64,
    /// The same without sharing: the sum over the images.
    pub registry_sum_bytes: u64,
    /// Uncompressed bytes of files that a node keeps that has all images: a layer is kept once for
    /// each chain of layers below it.
    pub node_bytes: u64,
    /// The same without sharing: the sum over the images.
    pub node_sum_bytes: u64,
    /// The layers that several images have, most bytes saved first.
    pub layers: Vec<SharedLayer>,
}

/// A layer that several images have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SharedLayer {
    /// Digest of the uncompressed archive.
    pub diff_id: String,
    /// Bytes of the layer's files.
    pub size_bytes: u64,
    /// The images that have it, in the report's order.
    pub images: Vec<String>,
    /// How many copies a node keeps: one for each different chain of layers below it.
    pub node_copy_count: u32,
    /// The instruction that made it, where a history tells.
    pub instruction: Option<String>,
}

/// One layer of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Layer {
    /// The layer's position, from 0 at the bottom.
    pub index: u32,
    /// Digest of the uncompressed archive, as the image's configuration lists it.
    pub diff_id: String,
    /// The instruction that made the layer, as the image's history tells. `None` when the history
    /// does not say.
    pub instruction: Option<String>,
    /// The stage of the Dockerfile. `None` without a build report that knows the image.
    pub stage: Option<String>,
    /// The line of the Dockerfile. `None` without a build report that knows the image.
    pub location: Option<Location>,
    /// Bytes of the layer's files.
    pub size_bytes: u64,
    /// Files in the layer, each name of a hard link counted.
    pub file_count: u64,
    /// Bytes of lower layers that this layer's files replace.
    pub overwritten_bytes: u64,
    /// Bytes of lower layers that this layer's whiteouts delete.
    pub deleted_bytes: u64,
    /// Bytes of this layer that no container sees, because a higher layer (or a later entry of the
    /// same layer) replaces or deletes them.
    pub wasted_bytes: u64,
    /// The layer's largest files, largest first, cut at the number asked for.
    pub largest_files: Vec<LayerFile>,
    /// What nodes know the layer by: a digest of its `diff_id` and of all below it. Since 1.1.
    #[serde(default)]
    pub chain_id: String,
    /// The layer as it is stored or travels. `None` when it was not read as a blob. Since 1.1.
    #[serde(default)]
    pub blob: Option<LayerBlob>,
    /// Whether the layer comes from the base image. `None` when that is not known. Since 1.1.
    #[serde(default)]
    pub is_from_base: Option<bool>,
    /// What the layer changes in those below. Since 1.1.
    #[serde(default)]
    pub changes: LayerChanges,
    /// The directories with most bytes, at most three parts deep, most bytes first, then by path;
    /// cut at three times the number asked for. The directory above a listed one is listed too.
    /// Since 1.1.
    #[serde(default)]
    pub directories: Vec<DirectorySize>,
}

/// What a layer stores below a directory, at any depth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DirectorySize {
    /// The path in the image, as in `LayerFile`.
    pub path: String,
    /// Bytes of the layer's files.
    pub size_bytes: u64,
    /// How many of these bytes no container sees.
    pub wasted_bytes: u64,
    /// Files that have the bytes. A hard link is none: the content counts where it is stored.
    pub file_count: u64,
}

/// The bytes of a layer where the image was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerBlob {
    /// The digest of the bytes. `None` when they are the uncompressed archive itself, which
    /// `diff_id` is the digest of.
    pub digest: Option<String>,
    /// How many bytes there are, with the archive's headers.
    pub size_bytes: u64,
    /// How they are compressed: `gzip` or `zstd`. `None` when they are not.
    pub compression: Option<String>,
}

/// What a layer does to the paths of the layers below it. Files only; a path that the layer has
/// several times counts once, as its last entry says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LayerChanges {
    /// Files at paths where there was none.
    pub added_count: u64,
    /// Their bytes.
    pub added_bytes: u64,
    /// Files at paths where there was one.
    pub modified_count: u64,
    /// Their bytes, in this layer.
    pub modified_bytes: u64,
    /// Files that are there no more.
    pub removed_count: u64,
    /// Of the modified files those with the same content as before: only owner, permissions, times
    /// or attributes changed, and the content is stored again. `None` when contents were not read.
    pub metadata_only_count: Option<u64>,
    /// Their bytes.
    pub metadata_only_bytes: Option<u64>,
}

/// One file of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerFile {
    /// The path in the image, from its root, without a leading `/`. Bytes that are not UTF-8 are
    /// written as `\xNN`.
    pub path: String,
    /// Bytes of the file.
    pub size_bytes: u64,
    /// Whether the path was new, or replaced one of a lower layer.
    pub change: FileChange,
    /// Whether no container sees the bytes. Since 1.1.
    #[serde(default)]
    pub wasted: bool,
}

/// What a layer does to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileChange {
    /// The path was not there before.
    Added,
    /// The path was there, and is replaced.
    Modified,
}

/// A path that is stored more often than it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WastedPath {
    /// The path in the image, as in `LayerFile`.
    pub path: String,
    /// Bytes stored under the path that no container sees.
    pub wasted_bytes: u64,
    /// How many times content is stored under the path.
    pub copy_count: u32,
    /// Whether the path is gone in the end.
    pub deleted: bool,
    /// The layers that hold or delete it, by index, sorted.
    pub layers: Vec<u32>,
}
