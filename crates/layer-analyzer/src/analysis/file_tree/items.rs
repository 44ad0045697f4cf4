//! What is shown of an image or of one layer, path by path.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::stack::stack;
use crate::analysis::tree::{EntryId, Tree, Visible, cmp_by_parts};
use crate::model::entry::{Entry, EntryKind, Special};
use crate::model::image::Layer;

/// Something with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// The normal path.
    pub(crate) path: Cow<'a, [u8]>,
    /// What it is.
    pub(crate) kind: ItemKind<'a>,
    /// What happened to it.
    pub(crate) mark: Mark,
    /// Bytes of the file. 0 for a further name of one.
    pub(crate) size_bytes: u64,
    /// Bytes of the file, when it is gone.
    pub(crate) gone_bytes: u64,
}

/// What something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ItemKind<'a> {
    /// A file.
    File,
    /// A further name of the file that has this path.
    FurtherName(Cow<'a, [u8]>),
    /// A directory.
    Directory,
    /// A symbolic link, and where it leads.
    Symlink(&'a [u8]),
    /// A device or pipe.
    Special(Special),
}

/// What happened to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing, or it does not matter here.
    None,
    /// The layer adds it.
    Added,
    /// The layer replaces it.
    Modified,
    /// The layer removes it.
    Removed,
    /// It is stored in one layer, and gone in another one.
    Gone {
        /// The layer that stores it.
        stored_in: u32,
        /// The layer that replaces or deletes it.
        gone_in: u32,
    },
}

/// What a container sees; and, where that is wanted, the files that are stored and not seen.
pub(crate) fn final_items(layers: &[Arc<Layer>], with_gone: bool) -> Vec<Item<'_>> {
    let tree = stack(layers, 0).tree;
    let mut items = visible_items(layers, &tree, None);
    if with_gone {
        items.extend(tree.contents().iter().filter_map(|content| {
            Some(Item {
                path: content.path.into(),
                kind: ItemKind::File,
                mark: Mark::Gone {
                    stored_in: content.layer,
                    gone_in: content.loss?.layer,
                },
                size_bytes: 0,
                gone_bytes: content.size_bytes,
            })
        }));
        sort(&mut items);
    }
    items
}

/// What layer `index` adds, replaces and removes. `None` when there is no such layer.
pub(crate) fn layer_items(layers: &[Arc<Layer>], index: u32) -> Option<Vec<Item<'_>>> {
    let own = layers.get(index as usize)?;
    let lower = stack(&layers[..index as usize], 0).tree;
    let upper = stack(&layers[..=index as usize], 0).tree;
    let mut items = visible_items(layers, &upper, Some(index));
    let is_own = |item: &Item| upper.entry(&item.path).is_some_and(|id| id.layer == index);
    items.retain(is_own);
    for item in &mut items {
        let entry = upper
            .entry(&item.path)
            .map(|id| &own.entries[id.index as usize]);
        item.mark = mark(entry, &lower, layers);
    }
    for mut item in visible_items(layers, &lower, None) {
        if !upper.contains(&item.path) {
            item.mark = Mark::Removed;
            item.gone_bytes = std::mem::take(&mut item.size_bytes);
            items.push(item);
        }
    }
    sort(&mut items);
    Some(items)
}

fn mark(entry: Option<&Entry>, lower: &Tree, layers: &[Arc<Layer>]) -> Mark {
    let Some(entry) = entry else {
        return Mark::None;
    };
    match lower.entry(&entry.path) {
        Some(EntryId { layer, index }) => {
            let below = &layers[layer as usize].entries[index as usize];
            let is_same_directory = entry.kind == EntryKind::Directory && below == entry;
            if is_same_directory {
                Mark::None
            } else {
                Mark::Modified
            }
        }
        None if lower.contains(&entry.path) => Mark::Modified,
        None => Mark::Added,
    }
}

/// In the order of a walk, directories after other things of the same path.
fn sort(items: &mut [Item]) {
    items.sort_by(|a, b| {
        let is_directory = |item: &Item| item.kind == ItemKind::Directory;
        cmp_by_parts(&a.path, &b.path).then(is_directory(a).cmp(&is_directory(b)))
    });
}

/// What is seen, each content with its first name; of contents only the bytes that layer `stored_in`
/// stores, or all.
fn visible_items<'a>(
    layers: &'a [Arc<Layer>],
    tree: &Tree<'a>,
    stored_in: Option<u32>,
) -> Vec<Item<'a>> {
    let mut first_names: HashMap<usize, Vec<u8>> = HashMap::new();
    let visible = tree.visible().into_iter();
    visible
        .map(|seen| {
            let first_name = seen.content.and_then(|content| first_names.get(&content));
            let mut item = item(layers, &seen, first_name);
            let own = seen.content.filter(|_| first_name.is_none());
            let own = own.map(|content| &tree.contents()[content]);
            let own = own.filter(|own| stored_in.is_none_or(|layer| layer == own.layer));
            item.size_bytes = own.map_or(0, |own| own.size_bytes);
            if let (Some(content), None) = (seen.content, first_name) {
                first_names.insert(content, seen.path);
            }
            item
        })
        .collect()
}

fn item<'a>(layers: &'a [Arc<Layer>], seen: &Visible, first_name: Option<&Vec<u8>>) -> Item<'a> {
    let entry = |id: EntryId| &layers[id.layer as usize].entries[id.index as usize];
    let entry = seen.entry.map(entry);
    let kind = match (first_name, entry.map(|entry| &entry.kind)) {
        (Some(first), _) => ItemKind::FurtherName(first.clone().into()),
        (None, Some(EntryKind::HardLink { target })) if seen.content.is_none() => {
            ItemKind::FurtherName(target.as_ref().into())
        }
        (None, Some(EntryKind::Symlink { target })) => ItemKind::Symlink(target),
        (None, Some(EntryKind::Special(special))) => ItemKind::Special(*special),
        (None, _) if seen.content.is_some() => ItemKind::File,
        (None, _) => ItemKind::Directory,
    };
    Item {
        path: match entry {
            Some(entry) => entry.path.as_ref().into(),
            None => seen.path.clone().into(),
        },
        kind,
        mark: Mark::None,
        size_bytes: 0,
        gone_bytes: 0,
    }
}
