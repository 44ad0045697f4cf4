//! Compares layers at the same place, entry by entry.

use std::collections::HashMap;

use super::thing::{Cause, Thing};
use crate::model::entry::{Entry, EntryKind, FileContent, Metadata};
use crate::model::image::Layer;

/// How many hard links may lead from a name to its file.
///
/// Chosen: archivers link to the first name, so one is enough; more could be a loop.
const LINK_COUNT_MAX: usize = 8;

/// Two layers, compared.
#[derive(Debug, Default)]
pub(crate) struct LayerPair<'a> {
    /// What differs between them, sorted.
    pub(crate) causes: Vec<Cause>,
    /// The paths that differ, each with what differs.
    pub(crate) paths: Vec<(&'a [u8], Vec<Cause>)>,
}

/// An entry of a layer is another one than a marker for the same path.
type Key<'a> = (&'a [u8], Role);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    Thing,
    Whiteout,
    Opaque,
}

/// Compares two layers; the last entry of a path counts.
pub(crate) fn layer_pair<'a>(before: &'a Layer, after: &'a Layer) -> LayerPair<'a> {
    if before.diff_id == after.diff_id {
        return LayerPair::default();
    }
    let [old, new] = [before, after].map(by_key);
    let mut paths = Vec::new();
    let mut is_unread = false;
    // The order of the entries that both have, as positions in the first layer.
    let mut positions = Vec::new();
    for (key, (index, entry)) in &new {
        match old.get(key) {
            None => paths.push((key.0, vec![Cause::Files])),
            Some((old_index, old_entry)) => {
                positions.push((*index, *old_index));
                let compared = thing(old_entry, &old).compare(&thing(entry, &new));
                is_unread |= compared.is_unread;
                if !compared.causes.is_empty() {
                    paths.push((key.0, compared.causes));
                }
            }
        }
    }
    let removed = old.keys().filter(|key| !new.contains_key(*key));
    paths.extend(removed.map(|key| (key.0, vec![Cause::Files])));
    positions.sort_unstable();
    let has_other_order = !positions.is_sorted_by_key(|(_, old_index)| *old_index);

    let mut causes: Vec<Cause> = paths
        .iter()
        .flat_map(|(_, causes)| causes)
        .copied()
        .collect();
    if has_other_order {
        causes.push(Cause::Order);
    }
    if causes.is_empty() && !is_unread {
        causes.push(Cause::Packing);
    }
    causes.sort_unstable();
    causes.dedup();
    LayerPair { causes, paths }
}

fn by_key(layer: &Layer) -> HashMap<Key<'_>, (usize, &Entry)> {
    let entries = layer.entries.iter().enumerate();
    let keyed = entries.map(|(index, entry)| {
        let role = match entry.kind {
            EntryKind::Whiteout => Role::Whiteout,
            EntryKind::Opaque => Role::Opaque,
            _ => Role::Thing,
        };
        ((&*entry.path, role), (index, entry))
    });
    keyed.collect()
}

/// A hard link is what it leads to within its layer.
fn thing<'a>(entry: &'a Entry, layer: &HashMap<Key<'a>, (usize, &'a Entry)>) -> Thing<'a> {
    Thing::of(entry, content(entry, layer))
}

fn content<'a>(
    entry: &'a Entry,
    layer: &HashMap<Key<'a>, (usize, &'a Entry)>,
) -> Option<(FileContent, &'a Metadata)> {
    let mut entry = entry;
    for _ in 0..LINK_COUNT_MAX {
        match &entry.kind {
            EntryKind::File(content) => return Some((*content, &entry.metadata)),
            EntryKind::HardLink { target } => entry = layer.get(&(&**target, Role::Thing))?.1,
            _ => return None,
        }
    }
    None
}
