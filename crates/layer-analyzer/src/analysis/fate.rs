//! What each entry of each layer does to those below, and whether it is seen in the end.

use std::sync::Arc;

use super::stack::apply;
use super::tree::{EntryId, Tree};
use crate::model::entry::{Entry, EntryKind};
use crate::model::image::Layer;

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    /// What it does to the layers below.
    pub(crate) change: Change,
    /// The layer that replaces or deletes it. `None` for what is seen, and for markers.
    pub(crate) gone_in: Option<u32>,
}

/// What an entry does to the layers below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The path was not there.
    Added,
    /// The path was there, and is replaced.
    Modified,
    /// The path was there just so.
    Unchanged,
    /// A marker that hides something.
    Removed,
    /// A marker that hides nothing.
    RemovedNothing,
}

/// The fates of all entries, by layer and in the layer's order.
pub(crate) fn fates(layers: &[Arc<Layer>]) -> Vec<Vec<Fate>> {
    let mut tree = Tree::new();
    let mut fates: Vec<Vec<Fate>> = Vec::with_capacity(layers.len());
    for (index, layer) in (0..).zip(layers) {
        let fate = |entry| Fate {
            change: change(entry, &tree, layers),
            gone_in: None,
        };
        fates.push(layer.entries.iter().map(fate).collect());
        apply(layer, index, &mut tree);
    }
    for gone in tree.gone() {
        let EntryId { layer, index } = gone.entry;
        fates[layer as usize][index as usize].gone_in = Some(gone.layer);
    }
    fates
}

fn change(entry: &Entry, lower: &Tree, layers: &[Arc<Layer>]) -> Change {
    let is_removed = match entry.kind {
        EntryKind::Whiteout => lower.contains(&entry.path),
        EntryKind::Opaque => lower.has_children(&entry.path),
        _ => {
            return match lower.entry(&entry.path) {
                None if lower.contains(&entry.path) => Change::Modified,
                None => Change::Added,
                Some(id) if is_same(entry, id, layers) => Change::Unchanged,
                Some(_) => Change::Modified,
            };
        }
    };
    if is_removed {
        Change::Removed
    } else {
        Change::RemovedNothing
    }
}

fn is_same(entry: &Entry, below: EntryId, layers: &[Arc<Layer>]) -> bool {
    let below = &layers[below.layer as usize].entries[below.index as usize];
    let is_known = match entry.kind {
        EntryKind::File(content) => content.digest.is_some(),
        _ => true,
    };
    is_known && entry == below
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::entry::FileContent;

    fn file(path: &str, content: u8) -> Entry {
        let content = FileContent {
            digest: Some([content; 32]),
            ..FileContent::default()
        };
        Entry::of(path, EntryKind::File(content))
    }

    fn found(layers: Vec<Vec<Entry>>) -> Vec<Vec<(Change, Option<u32>)>> {
        let layer = |entries| Arc::new(Layer::of(entries));
        let layers: Vec<_> = layers.into_iter().map(layer).collect();
        let fates = fates(&layers).into_iter();
        fates
            .map(|layer| layer.iter().map(|f| (f.change, f.gone_in)).collect())
            .collect()
    }

    #[test]
    fn each_entry_is_told_from_what_lies_below() {
        use Change::{Added, Modified, Removed, RemovedNothing, Unchanged};
        let of = Entry::of;
        let found = found(vec![
            vec![file("d/a", 1), file("d/b", 2), file("c", 3), file("c", 4)],
            vec![
                of("d/a", EntryKind::Whiteout),
                of("d/x", EntryKind::Whiteout),
                file("d/b", 2),
                file("c", 5),
                of("d", EntryKind::Directory),
                of("e", EntryKind::Directory),
            ],
            vec![
                of("d", EntryKind::Opaque),
                of("e", EntryKind::Opaque),
                of("e", EntryKind::Directory),
                file("d/b", 6),
            ],
        ]);
        let expected = [
            vec![
                (Added, Some(1)),
                (Added, Some(1)),
                (Added, Some(0)),
                (Added, Some(1)),
            ],
            vec![
                (Removed, None),
                (RemovedNothing, None),
                (Unchanged, Some(2)),
                (Modified, None),
                (Modified, None),
                (Added, Some(2)),
            ],
            vec![
                (Removed, None),
                (RemovedNothing, None),
                (Unchanged, None),
                (Modified, None),
            ],
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn contents_that_were_not_read_are_not_called_the_same() {
        let unread = || vec![Entry::file("f", 1)];
        assert_eq!(
            found(vec![unread(), unread()])[1],
            [(Change::Modified, None)]
        );
    }
}
