//! What each layer changes in the files of those below it.
//!
//! Counted from what went away, which the tree tells: a file that went and has a new entry at its
//! path is modified, one that has none is removed. Each change costs a look at its path.

use std::sync::Arc;

use super::tree::GoneEntry;
use crate::model::entry::{Entry, EntryKind, FileContent};
use crate::model::image::Layer;
use crate::model::map::{Map, Set};

/// What a layer does to files, of which each name of a hard link is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Files at paths where there was none.
    pub(crate) added_count: u64,
    /// Their bytes.
    pub(crate) added_bytes: u64,
    /// Files at paths where there was one.
    pub(crate) modified_count: u64,
    /// Their bytes, in this layer.
    pub(crate) modified_bytes: u64,
    /// Files that are there no more.
    pub(crate) removed_count: u64,
    /// The modified files with the same content as before. `None` when contents were not read.
    pub(crate) copies: Option<Copies>,
}

/// Files that store the content that was there before again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Copies {
    /// How many there are.
    pub(crate) count: u64,
    /// Their bytes.
    pub(crate) size_bytes: u64,
}

/// Counts what each layer changes, lowest first. `gone` is what the tree of these layers lost, in
/// the order in which it did.
pub(crate) fn changes(layers: &[Arc<Layer>], gone: &[GoneEntry]) -> Vec<Changes> {
    let mut has_contents = true;
    let mut left = gone;
    let mut all = Vec::with_capacity(layers.len());
    for (index, layer) in (0..).zip(layers) {
        let (lost, rest) = left.split_at(left.partition_point(|gone| gone.layer <= index));
        left = rest;
        has_contents &= layer.is_verified;
        let copies = has_contents.then(Copies::default);
        all.push(layer_changes(layers, index, lost, copies));
    }
    all
}

fn layer_changes(
    layers: &[Arc<Layer>],
    index: u32,
    lost: &[GoneEntry],
    copies: Option<Copies>,
) -> Changes {
    let (again, below): (Vec<&GoneEntry>, Vec<&GoneEntry>) =
        lost.iter().partition(|gone| gone.entry.layer == index);
    let again: Set<u32> = again.into_iter().map(|gone| gone.entry.index).collect();
    let mut removed: Map<&[u8], &Entry> = below
        .into_iter()
        .map(|gone| &layers[gone.entry.layer as usize].entries[gone.entry.index as usize])
        .filter(|entry| is_file(entry))
        .map(|entry| (&*entry.path, entry))
        .collect();
    let mut changes = Changes {
        copies,
        ..Changes::default()
    };
    for (position, entry) in (0..).zip(&layers[index as usize].entries) {
        if is_file(entry) && !again.contains(&position) {
            changes.count(entry, removed.remove(&*entry.path));
        }
    }
    changes.removed_count = removed.len() as u64;
    changes
}

impl Changes {
    fn count(&mut self, entry: &Entry, before: Option<&Entry>) {
        let content = content(entry);
        let size_bytes = content.map_or(0, |content| content.size_bytes);
        let Some(before) = before else {
            self.added_count += 1;
            self.added_bytes += size_bytes;
            return;
        };
        self.modified_count += 1;
        self.modified_bytes += size_bytes;
        if let Some(copies) = &mut self.copies
            && content.is_some()
            && content == self::content(before)
        {
            copies.count += 1;
            copies.size_bytes += size_bytes;
        }
    }
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::File(_) | EntryKind::HardLink { .. })
}

fn content(entry: &Entry) -> Option<FileContent> {
    match entry.kind {
        EntryKind::File(content) => Some(content),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
