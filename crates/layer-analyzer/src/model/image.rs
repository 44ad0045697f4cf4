//! An image: its configuration, and the entries of its layers.

use std::sync::Arc;

use super::entry::Entry;
use super::mark::Mark;

/// An image that was read whole, with every layer's digest as the configuration lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// What the image was asked for as.
    pub(crate) name: String,
    /// The digest of the configuration.
    pub(crate) id: String,
    /// What the Engine or the registry calls the image: in a registry and on containerd stores the
    /// digest of its manifest or index, which is not `id`. `None` for an image of an archive.
    pub(crate) engine_id: Option<String>,
    /// The names that the image carries, sorted.
    pub(crate) tags: Vec<String>,
    /// The platform, such as `linux/amd64`. `None` when the configuration does not say.
    pub(crate) platform: Option<String>,
    /// What the configuration says of how a container runs, its `config` object.
    pub(crate) settings: serde_json::Value,
    /// When the image was made, as the configuration says. `None` when it does not.
    pub(crate) created: Option<String>,
    /// What the configuration says of how the image came to be.
    pub(crate) history: Vec<HistoryEntry>,
    /// The layers, lowest first. The same layer can be there more than once.
    pub(crate) layers: Vec<Arc<Layer>>,
}

/// One line of an image's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HistoryEntry {
    /// The command, as the builder wrote it. Empty when there is none.
    pub(crate) created_by: String,
    /// Whether the command made no layer.
    pub(crate) is_empty_layer: bool,
}

/// The content of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    /// Digest of the uncompressed archive, as the configuration lists it.
    pub(crate) diff_id: String,
    /// Whether all bytes were read and have the digests that they should have. Otherwise only the
    /// structure was read, and no content has a digest.
    pub(crate) is_verified: bool,
    /// The layer as it is stored, or travels.
    pub(crate) blob: Blob,
    /// The entries, in the archive's order.
    pub(crate) entries: Vec<Entry>,
    /// What was noticed in the files' contents, in the order of the entries. Empty when only the
    /// structure was read.
    pub(crate) marks: Vec<Mark>,
    /// Paths of markers that mean nothing, because they name no file.
    pub(crate) nameless_whiteouts: Vec<Box<[u8]>>,
}

/// The bytes of a layer where the image was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blob {
    /// The digest of the bytes. `None` when they are the uncompressed archive itself.
    pub(crate) digest: Option<String>,
    /// How many bytes there are.
    pub(crate) size_bytes: u64,
    /// How they are compressed: `gzip` or `zstd`. `None` when they are not.
    pub(crate) compression: Option<&'static str>,
}

#[cfg(test)]
impl Layer {
    /// A layer of these entries whose digests do not matter.
    pub(crate) fn of(entries: Vec<Entry>) -> Self {
        Self {
            diff_id: String::new(),
            is_verified: false,
            blob: Blob::default(),
            entries,
            marks: Vec::new(),
            nameless_whiteouts: Vec::new(),
        }
    }
}
