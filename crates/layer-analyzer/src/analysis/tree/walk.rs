//! Walks through what a container sees, in an order that two images have in common.

use std::cmp::Ordering;

use super::{EntryId, Node, ROOT, Tree};
use crate::model::path::join;

/// One path that a container sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visible {
    /// The normal path.
    pub(crate) path: Vec<u8>,
    /// The entry that is seen. `None` for a directory that no layer lists, only what it holds.
    pub(crate) entry: Option<EntryId>,
    /// The position among the tree's contents of what a file or hard link holds.
    pub(crate) content: Option<usize>,
}

impl Tree<'_> {
    /// What is seen: each directory before what it holds, names in the order of their bytes. The
    /// root is there if a layer lists it.
    pub(crate) fn visible(&self) -> Vec<Visible> {
        let root = self.makers[ROOT].map(|entry| Visible {
            path: Vec::new(),
            entry: Some(entry),
            content: None,
        });
        let mut visible: Vec<Visible> = root.into_iter().collect();
        // A loop, because paths can be as deep as a hostile archive wants.
        let mut left = self.children(ROOT, b"");
        while let Some((path, id)) = left.pop() {
            left.extend(self.children(id, &path));
            visible.push(Visible {
                path,
                entry: self.makers[id],
                content: match self.nodes[id] {
                    Node::File(content) => Some(content),
                    Node::Directory(_) | Node::Other => None,
                },
            });
        }
        visible
    }

    /// The nodes in a folder with their paths, last name first.
    fn children(&self, id: usize, folder: &[u8]) -> Vec<(Vec<u8>, usize)> {
        let Node::Directory(children) = &self.nodes[id] else {
            return Vec::new();
        };
        let mut children: Vec<(&[u8], usize)> = children.iter().map(|(n, id)| (*n, *id)).collect();
        children.sort_unstable_by(|a, b| b.cmp(a));
        let with_path = |(name, id): (&[u8], usize)| (join(folder, name), id);
        children.into_iter().map(with_path).collect()
    }
}

/// The order of paths in a walk: by their parts, so that `a/b` comes before `a.b`.
pub(crate) fn cmp_by_parts(a: &[u8], b: &[u8]) -> Ordering {
    let slash_first = |byte: &u8| (*byte != b'/', *byte);
    a.iter().map(slash_first).cmp(b.iter().map(slash_first))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;
    use crate::analysis::stack::stack;
    use crate::model::entry::{Entry, EntryKind, Special};
    use crate::model::image::Layer;
    use crate::model::path::to_text;

    fn layers(layers: Vec<Vec<Entry>>) -> Vec<Arc<Layer>> {
        let layer = |entries| Arc::new(Layer::of(entries));
        layers.into_iter().map(layer).collect()
    }

    fn link(path: &str, target: &str) -> Entry {
        let target = target.as_bytes().into();
        Entry::of(path, EntryKind::HardLink { target })
    }

    #[test]
    fn a_walk_tells_which_entry_is_seen_where() {
        let directory = |path| Entry::of(path, EntryKind::Directory);
        let layers = layers(vec![
            vec![directory("d"), Entry::file("d/x", 1), Entry::file("a.b", 2)],
            vec![
                directory("d"),
                Entry::file("a/b", 3),
                link("l", "d/x"),
                Entry::of("a.b", EntryKind::Whiteout),
            ],
        ]);
        let tree = stack(&layers, 0).tree;
        let id = |layer, index| Some(EntryId { layer, index });
        let found: Vec<_> = tree
            .visible()
            .into_iter()
            .map(|seen| (to_text(&seen.path), seen.entry, seen.content))
            .collect();
        let expected = [
            ("a".to_owned(), None, None),
            ("a/b".to_owned(), id(1, 1), Some(2)),
            ("d".to_owned(), id(1, 0), None),
            ("d/x".to_owned(), id(0, 1), Some(0)),
            ("l".to_owned(), id(1, 2), Some(0)),
        ];
        assert_eq!(found, expected);
        let gone: Vec<_> = tree.gone().iter().map(|g| (g.entry, g.layer)).collect();
        assert_eq!(gone, [(id(0, 2).unwrap(), 1), (id(0, 0).unwrap(), 1)]);
        assert_eq!(tree.entry(b"d/x"), id(0, 1));
        assert_eq!(tree.entry(b"a"), None);
    }

    fn any_entry() -> impl Strategy<Value = Entry> {
        let path = "([ab](/[ab]){0,3})?";
        let kind = prop_oneof![
            Just(Entry::file("", 1).kind),
            path.prop_map(|target| EntryKind::HardLink {
                target: target.into_bytes().into()
            }),
            Just(EntryKind::Directory),
            Just(EntryKind::Special(Special::Fifo)),
            Just(EntryKind::Whiteout),
            Just(EntryKind::Opaque),
        ];
        // No container engine unpacks anything but a directory at the root.
        (path, kind).prop_map(|(path, kind)| match path.as_str() {
            "" => Entry::of("", EntryKind::Directory),
            path => Entry::of(path, kind),
        })
    }

    proptest! {
        #[test]
        fn every_entry_is_seen_or_gone_once(
            entries in prop::collection::vec(prop::collection::vec(any_entry(), 0..12), 0..5),
        ) {
            let layers = layers(entries);
            let tree = stack(&layers, 0).tree;
            let visible = tree.visible();
            let seen = visible.iter().filter_map(|seen| seen.entry);
            let all: Vec<_> = seen.chain(tree.gone().iter().map(|gone| gone.entry)).collect();
            let once: BTreeSet<_> = all.iter().map(|id| (id.layer, id.index)).collect();
            prop_assert_eq!(once.len(), all.len());
            let is_marker = |e: &&Entry| matches!(e.kind, EntryKind::Whiteout | EntryKind::Opaque);
            let entries = layers.iter().flat_map(|layer| &layer.entries);
            prop_assert_eq!(entries.filter(|e| !is_marker(e)).count(), all.len());
            let in_order = |a: &Visible, b: &Visible| cmp_by_parts(&a.path, &b.path).is_lt();
            prop_assert!(visible.is_sorted_by(in_order));
        }
    }
}
