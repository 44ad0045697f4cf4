//! Puts layers on one another, as a container engine unpacks them.
//!
//! Source: image-spec layer.md, "Changeset over existing files" and "Whiteouts".

use std::sync::Arc;

use super::tree::{EntryId, Tree};
use crate::model::entry::{Entry, EntryKind};
use crate::model::image::Layer;

/// Layers on one another.
#[derive(Debug)]
pub(crate) struct Stack<'a> {
    /// What is seen in the end, and every content on the way.
    pub(crate) tree: Tree<'a>,
    /// What each layer holds, lowest first.
    pub(crate) layers: Vec<LayerFiles<'a>>,
}

/// The files of one layer.
#[derive(Debug)]
pub(crate) struct LayerFiles<'a> {
    /// Bytes of the files' contents.
    pub(crate) size_bytes: u64,
    /// How many files there are, each name of a hard link counted.
    pub(crate) file_count: u64,
    /// The largest files, largest first, then by path.
    pub(crate) largest: Vec<File<'a>>,
}

/// One file of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File<'a> {
    /// The path.
    pub(crate) path: &'a [u8],
    /// Bytes of the content.
    pub(crate) size_bytes: u64,
    /// Whether lower layers have something at the path.
    pub(crate) replaces: bool,
}

/// Puts `layers` on one another, lowest first, and keeps the `top` largest files of each.
pub(crate) fn stack(layers: &[Arc<Layer>], top: usize) -> Stack<'_> {
    let mut tree = Tree::new();
    let mut files = Vec::with_capacity(layers.len());
    for (index, layer) in (0..).zip(layers) {
        files.push(layer_files(layer, &tree, top));
        apply(layer, index, &mut tree);
    }
    Stack {
        tree,
        layers: files,
    }
}

fn layer_files<'a>(layer: &'a Layer, lower: &Tree, top: usize) -> LayerFiles<'a> {
    let files = || layer.entries.iter().filter_map(file);
    let links = layer
        .entries
        .iter()
        .filter(|e| matches!(e.kind, EntryKind::HardLink { .. }));
    let mut largest: Vec<File> = files().collect();
    let by_size = |a: &File, b: &File| (b.size_bytes, a.path).cmp(&(a.size_bytes, b.path));
    if top < largest.len() {
        largest.select_nth_unstable_by(top, by_size);
        largest.truncate(top);
    }
    largest.sort_unstable_by(by_size);
    for file in &mut largest {
        file.replaces = lower.contains(file.path);
    }
    LayerFiles {
        size_bytes: files().map(|file| file.size_bytes).sum(),
        file_count: files().count() as u64 + links.count() as u64,
        largest,
    }
}

fn file(entry: &Entry) -> Option<File<'_>> {
    match entry.kind {
        EntryKind::File(content) => Some(File {
            path: &entry.path,
            size_bytes: content.size_bytes,
            replaces: false,
        }),
        _ => None,
    }
}

/// Markers first, wherever they stand: they hide what lower layers have, never the layer's own.
pub(super) fn apply<'a>(layer: &'a Layer, index: u32, tree: &mut Tree<'a>) {
    for entry in &layer.entries {
        match entry.kind {
            EntryKind::Whiteout => tree.delete(&entry.path, index),
            EntryKind::Opaque => tree.delete_children(&entry.path, index),
            _ => {}
        }
    }
    for (position, Entry { path, kind, .. }) in (0..).zip(&layer.entries) {
        let id = EntryId {
            layer: index,
            index: position,
        };
        match kind {
            EntryKind::File(content) => tree.put_file(path, content.size_bytes, id),
            EntryKind::HardLink { target } => tree.put_link(path, target, id),
            EntryKind::Directory => tree.put_directory(path, id),
            EntryKind::Symlink { .. } | EntryKind::Special(_) => tree.put_other(path, id),
            EntryKind::Whiteout | EntryKind::Opaque => {}
        }
    }
}
