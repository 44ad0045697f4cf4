//! An image: its configuration, and the entries of its layers.

use std::sync::Arc;

/// An image that was read whole, with every layer's digest as the configuration lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// What the image was asked for as.
    pub(crate) name: String,
    /// The digest of the configuration.
    pub(crate) id: String,
    /// What the Engine calls the image, which on containerd stores is not `id`. `None` for an image
    /// of an archive.
    pub(crate) engine_id: Option<String>,
    /// The names that the image carries, sorted.
    pub(crate) tags: Vec<String>,
    /// The platform, such as `linux/amd64`. `None` when the configuration does not say.
    pub(crate) platform: Option<String>,
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
    /// Digest of the uncompressed archive, as it was read.
    pub(crate) diff_id: String,
    /// The entries, in the archive's order.
    pub(crate) entries: Vec<Entry>,
    /// Paths of markers that mean nothing, because they name no file.
    pub(crate) nameless_whiteouts: Vec<Box<[u8]>>,
}

/// What a layer says about one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The normal path: the root is empty. For a whiteout the path that it hides, for an opaque
    /// marker the directory whose content it hides.
    pub(crate) path: Box<[u8]>,
    /// What is there.
    pub(crate) kind: EntryKind,
}

/// What a layer has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A regular file.
    File {
        /// Bytes of the content as stored, without the holes of a sparse file.
        size_bytes: u64,
    },
    /// One more name for a file.
    HardLink {
        /// The normal path of the file.
        target: Box<[u8]>,
    },
    /// A directory.
    Directory,
    /// A symbolic link, device or pipe, which has no content.
    Other,
    /// The path of lower layers is gone.
    Whiteout,
    /// What lower layers have in the directory is gone.
    Opaque,
}
