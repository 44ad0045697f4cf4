//! What is in the layers of images, and what of it is wasted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, ReportData, SchemaVersion};

/// Body of a layer report, written by `layer-analyzer analyze`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerData {
    /// The images, in the order in which they were asked for.
    pub images: Vec<ImageLayers>,
}

impl ReportData for LayerData {
    const KIND: &'static str = "layer";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// One image, layer by layer.
///
/// Bytes are those of file contents as stored in the layers' tar archives, uncompressed, without
/// the archives' own headers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
}

/// One layer of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
