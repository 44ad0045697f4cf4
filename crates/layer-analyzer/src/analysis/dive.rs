//! The measures of the program `dive`, for those who compare or have gates in its terms.
//!
//! Every layer has a tree of its paths; a path is seen once for each layer in which it is a leaf.
//! A file is worth its bytes, a whiteout of a directory the bytes of all that it hides, anything
//! else nothing. What is dive's definition is kept, however odd; what is a fault of its program is
//! not: see docs/layer-analyzer/numbers.md.
//! Source: dive's `filetree/efficiency.go` and `image/analysis.go`; research/layers.md, section 4.

use common::units::ratio;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use super::prefix::Prefixes;
use super::tree::GoneEntry;
use crate::model::entry::{Entry, EntryKind};
use crate::model::image::Layer;

/// What dive says of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measures {
    /// The sum over all paths of the smallest size seen there / the sum of all sizes; 1 when there
    /// are none.
    pub(crate) efficiency_ratio: f64,
    /// Bytes of all sizes seen at paths that are seen more than once.
    pub(crate) wasted_bytes: u64,
    /// `wasted_bytes` / the bytes of all layers but the lowest; 0 when those have none.
    pub(crate) user_wasted_ratio: f64,
}

/// Measures an image as dive does. `gone` is what the tree of these layers lost, in the order in
/// which it did. Costs little more than sorting as many numbers as there are entries.
pub(crate) fn measures(layers: &[Arc<Layer>], gone: &[GoneEntry]) -> Measures {
    let sightings = sightings(layers, gone);
    let mut totals = Totals::default();
    let mut unsure = Vec::new();
    for path in sightings.chunk_by(|a, b| a.hash == b.hash && a.path() == b.path()) {
        let has_directory = nodes(path).any(Sighting::is_directory);
        match nodes(path).any(|node| node.size_bytes > 0) {
            // Without a size the path changes no sum, however often it is seen.
            false => {}
            true if has_directory => unsure.push(path),
            true => totals.count(nodes(path)),
        }
    }
    let parents = parents(layers, &unsure);
    for path in unsure {
        totals.count(nodes(path).filter(|node| !is_parent(&parents, node)));
    }
    totals.measures(user_bytes(layers))
}

/// One path in one layer.
#[derive(Clone, Copy)]
struct Sighting<'a> {
    /// Hash of the path, which tells most paths apart.
    hash: u64,
    layer: u32,
    /// The position in the layer.
    index: u32,
    /// What the path is worth there.
    size_bytes: u64,
    entry: &'a Entry,
}

impl<'a> Sighting<'a> {
    fn path(&self) -> &'a [u8] {
        &self.entry.path
    }

    fn is_directory(&self) -> bool {
        self.entry.kind == EntryKind::Directory
    }

    fn is_whiteout(&self) -> bool {
        self.entry.kind == EntryKind::Whiteout
    }

    fn is_of_same_node(&self, other: &Self) -> bool {
        self.layer == other.layer && self.is_whiteout() == other.is_whiteout()
    }
}

/// The paths of all layers, those that are the same side by side. Leaves and parents alike.
fn sightings<'a>(layers: &'a [Arc<Layer>], gone: &[GoneEntry]) -> Vec<Sighting<'a>> {
    let hasher = foldhash::fast::RandomState::default();
    let count = layers.iter().map(|layer| layer.entries.len()).sum();
    let mut sightings = Vec::with_capacity(count);
    let mut left = gone;
    for (layer, Layer { entries, .. }) in (0..).zip(layers.iter().map(Arc::as_ref)) {
        let (lost, rest) = left.split_at(left.partition_point(|gone| gone.layer <= layer));
        left = rest;
        let hidden = hidden(layers, layer, lost);
        for (index, entry) in (0..).zip(entries) {
            let size_bytes = match entry.kind {
                EntryKind::File(content) => content.logical_bytes,
                EntryKind::Opaque => continue,
                EntryKind::Whiteout => match hidden.get(&entry.path) {
                    Some(Some(size_bytes)) => *size_bytes,
                    _ => continue,
                },
                _ => 0,
            };
            if !entry.path.is_empty() {
                sightings.push(Sighting {
                    hash: hasher.hash_one(&entry.path),
                    layer,
                    index,
                    size_bytes,
                    entry,
                });
            }
        }
    }
    sightings.sort_unstable_by(|a, b| {
        let by_hash = a.hash.cmp(&b.hash);
        let key = |s: &Sighting<'a>| (s.path(), s.layer, s.is_whiteout(), s.index);
        by_hash.then_with(|| key(a).cmp(&key(b)))
    });
    sightings
}

/// What each whiteout of a layer hides: the bytes of all that a directory holds, 0 for anything
/// else, `None` for nothing at all.
fn hidden<'a>(
    layers: &'a [Arc<Layer>],
    index: u32,
    lost: &[GoneEntry],
) -> Prefixes<'a, Option<u64>> {
    let mut hidden = Prefixes::new();
    for entry in &layers[index as usize].entries {
        if entry.kind == EntryKind::Whiteout {
            hidden.insert(&entry.path, None);
        }
    }
    if hidden.is_empty() {
        return hidden;
    }
    for gone in lost.iter().filter(|gone| gone.entry.layer < index) {
        let entry = &layers[gone.entry.layer as usize].entries[gone.entry.index as usize];
        let size_bytes = match entry.kind {
            EntryKind::File(content) => content.logical_bytes,
            _ => 0,
        };
        hidden.visit(&entry.path, |hidden: &mut Option<u64>, is_above| {
            let more = if is_above { size_bytes } else { 0 };
            *hidden = Some(hidden.unwrap_or(0).saturating_add(more));
        });
    }
    hidden
}

/// The nodes of one path in the layers' trees: the last entry of each layer, and its whiteout.
fn nodes<'a, 's>(path: &'s [Sighting<'a>]) -> impl Iterator<Item = &'s Sighting<'a>> {
    path.chunk_by(Sighting::is_of_same_node)
        .filter_map(<[Sighting]>::last)
}

/// The directories of some paths by layer, each with whether it holds anything there.
fn parents<'a>(
    layers: &[Arc<Layer>],
    paths: &[&[Sighting<'a>]],
) -> BTreeMap<u32, Prefixes<'a, bool>> {
    let mut parents: BTreeMap<u32, Prefixes<bool>> = BTreeMap::new();
    let nodes = paths.iter().flat_map(|path| nodes(path));
    for directory in nodes.filter(|node| node.is_directory()) {
        let of_layer = parents.entry(directory.layer).or_insert_with(Prefixes::new);
        of_layer.insert(directory.path(), false);
    }
    for (layer, directories) in &mut parents {
        for entry in &layers[*layer as usize].entries {
            if entry.kind != EntryKind::Opaque {
                directories.visit(&entry.path, |is_parent, is_above| *is_parent |= is_above);
            }
        }
    }
    parents
}

fn is_parent(parents: &BTreeMap<u32, Prefixes<bool>>, node: &Sighting) -> bool {
    let of_layer = parents.get(&node.layer).filter(|_| node.is_directory());
    of_layer.and_then(|of_layer| of_layer.get(node.path())) == Some(&true)
}

/// Sums over all paths.
#[derive(Default)]
#[expect(
    clippy::struct_field_names,
    reason = "units come last, also when all are bytes"
)]
struct Totals {
    smallest_bytes: u64,
    all_bytes: u64,
    wasted_bytes: u64,
}

impl Totals {
    /// Counts the leaves of one path.
    fn count<'s, 'a: 's>(&mut self, leaves: impl Iterator<Item = &'s Sighting<'a>>) {
        let (mut count, mut smallest, mut sum) = (0, u64::MAX, 0_u64);
        for leaf in leaves {
            count += 1;
            smallest = smallest.min(leaf.size_bytes);
            sum = sum.saturating_add(leaf.size_bytes);
        }
        if count > 0 {
            self.smallest_bytes = self.smallest_bytes.saturating_add(smallest);
            self.all_bytes = self.all_bytes.saturating_add(sum);
        }
        if count > 1 {
            self.wasted_bytes = self.wasted_bytes.saturating_add(sum);
        }
    }

    fn measures(&self, user_bytes: u64) -> Measures {
        Measures {
            efficiency_ratio: ratio(self.smallest_bytes, self.all_bytes).unwrap_or(1.0),
            wasted_bytes: self.wasted_bytes,
            user_wasted_ratio: ratio(self.wasted_bytes, user_bytes).unwrap_or(0.0),
        }
    }
}

/// Bytes of all layers but the lowest, each entry counted.
fn user_bytes(layers: &[Arc<Layer>]) -> u64 {
    let entries = layers.iter().skip(1).flat_map(|layer| &layer.entries);
    let sizes = entries.filter_map(|entry| match entry.kind {
        EntryKind::File(content) => Some(content.logical_bytes),
        _ => None,
    });
    sizes.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
