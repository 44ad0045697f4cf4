//! Puts layers on one another, as a container engine unpacks them.
//!
//! Source: image-spec layer.md, "Changeset over existing files" and "Whiteouts".

use std::cmp::Ordering;
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
    let mut files = LayerFiles {
        size_bytes: 0,
        file_count: 0,
        largest: Vec::new(),
    };
    for entry in &layer.entries {
        if matches!(entry.kind, EntryKind::HardLink { .. }) {
            files.file_count += 1;
        }
        if let Some(file) = file(entry) {
            files.file_count += 1;
            files.size_bytes += file.size_bytes;
            files.largest.push(file);
            // Kept short, so that a layer of a million files needs no list of them.
            if files.largest.len() / 2 > top {
                cut(&mut files.largest, top);
            }
        }
    }
    cut(&mut files.largest, top);
    files.largest.sort_unstable_by(by_size);
    for file in &mut files.largest {
        file.replaces = lower.contains(file.path);
    }
    files
}

/// Leaves the `top` largest files, in any order.
fn cut(files: &mut Vec<File>, top: usize) {
    if top < files.len() {
        files.select_nth_unstable_by(top, by_size);
        files.truncate(top);
    }
}

/// The largest first, then by path.
fn by_size(a: &File, b: &File) -> Ordering {
    (b.size_bytes, a.path).cmp(&(a.size_bytes, b.path))
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
