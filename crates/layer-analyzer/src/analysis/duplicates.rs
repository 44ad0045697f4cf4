//! The contents that a container sees more than once, at paths that are no hard links of one
//! another.
//!
//! What is stored again under the same path is no duplicate but waste, because a container sees one
//! copy of it only.

use std::sync::Arc;

use super::tree::{Content, Tree};
use crate::model::entry::{EntryKind, FileContent};
use crate::model::image::Layer;
use crate::model::map::{Map, Set};

/// The contents of an image that are there more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Duplicates<'a> {
    /// Bytes of all copies but one of each content.
    pub(crate) size_bytes: u64,
    /// The contents that repeat most bytes, most first, then by path.
    pub(crate) contents: Vec<Duplicate<'a>>,
    /// How many more contents are there more than once.
    pub(crate) contents_omitted: u64,
}

/// A content that is there more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Duplicate<'a> {
    /// Bytes of one copy.
    pub(crate) copy_bytes: u64,
    /// How many copies there are.
    pub(crate) copy_count: u32,
    /// Bytes of all copies but one.
    pub(crate) repeated_bytes: u64,
    /// A path of each copy, sorted.
    pub(crate) paths: Vec<&'a [u8]>,
    /// The layers that store the copies, sorted.
    pub(crate) layers: Vec<u32>,
}

/// Finds the contents that are there more than once, the `top` worst of them by name. `None` when
/// the contents of some layer were not read.
pub(crate) fn duplicates<'a>(
    layers: &'a [Arc<Layer>],
    tree: &Tree<'a>,
    top: usize,
) -> Option<Duplicates<'a>> {
    if !layers.iter().all(|layer| layer.is_verified) {
        return None;
    }
    let seen = seen_contents(layers, tree);
    let mut groups: Vec<(u64, &[SeenContent])> = seen
        .chunk_by(|a, b| a.content == b.content)
        .filter(|copies| copies.len() > 1)
        .map(|copies| (repeated_bytes(copies), copies))
        .collect();
    let first_path = |copies: &[SeenContent]| {
        let paths = copies.iter().map(|seen| tree.contents()[seen.index].path);
        paths.min()
    };
    groups.sort_by(|(a_bytes, a), (b_bytes, b)| {
        let by_bytes = b_bytes.cmp(a_bytes);
        by_bytes.then_with(|| first_path(a).cmp(&first_path(b)))
    });
    let shown = &groups[..top.min(groups.len())];
    let names = names_of_nameless(layers, tree, shown);
    Some(Duplicates {
        size_bytes: groups
            .iter()
            .map(|(repeated_bytes, _)| repeated_bytes)
            .sum(),
        contents: shown
            .iter()
            .map(|(_, copies)| duplicate(copies, tree, &names))
            .collect(),
        contents_omitted: (groups.len() - shown.len()) as u64,
    })
}

/// A content that a container sees.
#[derive(Clone, Copy)]
struct SeenContent<'a> {
    /// The first bytes of its digest, which tell most contents apart.
    prefix: u64,
    content: &'a FileContent,
    /// Its position among the tree's contents.
    index: usize,
}

/// What a container sees, equal contents side by side in the order in which they are stored.
fn seen_contents<'a>(layers: &'a [Arc<Layer>], tree: &Tree) -> Vec<SeenContent<'a>> {
    let mut seen: Vec<SeenContent> = (0..)
        .zip(tree.contents())
        .filter(|(_, content)| content.loss.is_none() && content.size_bytes > 0)
        .filter_map(|(index, content)| seen_content(layers, content, index))
        .collect();
    seen.sort_unstable_by(|a, b| {
        let by_prefix = a.prefix.cmp(&b.prefix);
        let key = |seen: &SeenContent| {
            let content = seen.content;
            (
                content.digest,
                content.size_bytes,
                content.logical_bytes,
                seen.index,
            )
        };
        by_prefix.then_with(|| key(a).cmp(&key(b)))
    });
    seen
}

fn seen_content<'a>(
    layers: &'a [Arc<Layer>],
    content: &Content,
    index: usize,
) -> Option<SeenContent<'a>> {
    let entry = &layers[content.layer as usize].entries[content.index as usize];
    let EntryKind::File(content) = &entry.kind else {
        return None;
    };
    let (prefix, _) = content.digest.as_ref()?.split_first_chunk()?;
    Some(SeenContent {
        prefix: u64::from_be_bytes(*prefix),
        content,
        index,
    })
}

fn repeated_bytes(copies: &[SeenContent]) -> u64 {
    let copy_bytes = copies.first().map_or(0, |copy| copy.content.size_bytes);
    copy_bytes * (copies.len() as u64).saturating_sub(1)
}

fn duplicate<'a>(
    copies: &[SeenContent],
    tree: &Tree<'a>,
    names: &Map<usize, &'a [u8]>,
) -> Duplicate<'a> {
    let stored = |copy: &SeenContent| &tree.contents()[copy.index];
    let mut paths: Vec<&[u8]> = copies
        .iter()
        .map(|copy| names.get(&copy.index).copied().unwrap_or(stored(copy).path))
        .collect();
    paths.sort_unstable();
    let mut layers: Vec<u32> = copies.iter().map(|copy| stored(copy).layer).collect();
    layers.sort_unstable();
    layers.dedup();
    Duplicate {
        copy_bytes: copies.first().map_or(0, |copy| copy.content.size_bytes),
        copy_count: u32::try_from(copies.len()).unwrap_or(u32::MAX),
        repeated_bytes: repeated_bytes(copies),
        paths,
        layers,
    }
}

/// A path at which a container sees a content, for those that are gone from the one under which
/// they are stored, and live on under a hard link.
fn names_of_nameless<'a>(
    layers: &'a [Arc<Layer>],
    tree: &Tree<'a>,
    groups: &[(u64, &[SeenContent])],
) -> Map<usize, &'a [u8]> {
    let copies = groups.iter().flat_map(|(_, copies)| copies.iter());
    let nameless: Set<usize> = copies
        .map(|copy| copy.index)
        .filter(|index| tree.content_at(tree.contents()[*index].path) != Some(*index))
        .collect();
    let mut names = Map::default();
    if nameless.is_empty() {
        return names;
    }
    for entry in layers.iter().flat_map(|layer| &layer.entries) {
        if let EntryKind::HardLink { .. } = entry.kind
            && let Some(index) = tree.content_at(&entry.path)
            && nameless.contains(&index)
        {
            names.entry(index).or_insert(&*entry.path);
        }
    }
    names
}

#[cfg(test)]
mod tests;
