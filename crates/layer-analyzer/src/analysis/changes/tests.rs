//! Tests of counting what each layer changes, on layers written as lists.

use proptest::prelude::*;

use super::*;
use crate::analysis::stack::stack;
use crate::model::entry::Metadata;

fn gone(path: &str) -> Entry {
    Entry::of(path, EntryKind::Whiteout)
}

fn link(path: &str, target: &str) -> Entry {
    let target = target.as_bytes().into();
    Entry::of(path, EntryKind::HardLink { target })
}

/// A file whose content is told by a letter.
fn read(path: &str, size_bytes: u64, letter: u8, mode: u32) -> Entry {
    let content = FileContent {
        size_bytes,
        logical_bytes: size_bytes,
        digest: Some([letter; 32]),
    };
    let metadata = Metadata {
        mode,
        ..Metadata::default()
    };
    Entry {
        metadata,
        ..Entry::of(path, EntryKind::File(content))
    }
}

fn found(layers: Vec<Vec<Entry>>, is_verified: bool) -> Vec<Changes> {
    let layer = |entries| Layer {
        is_verified,
        ..Layer::of(entries)
    };
    let layers: Vec<Arc<Layer>> = layers.into_iter().map(|l| Arc::new(layer(l))).collect();
    changes(&layers, stack(&layers, 0).tree.gone())
}

/// Files that the top layer adds, modifies and removes, and bytes that it adds and modifies.
fn counts(layers: Vec<Vec<Entry>>) -> ([u64; 3], [u64; 2]) {
    let top = found(layers, false).pop().unwrap();
    (
        [top.added_count, top.modified_count, top.removed_count],
        [top.added_bytes, top.modified_bytes],
    )
}

fn lower() -> Vec<Entry> {
    vec![
        Entry::file("a", 1),
        Entry::file("d/x", 2),
        Entry::file("d/y", 4),
    ]
}

#[test]
fn files_are_added_modified_or_removed() {
    let upper = vec![Entry::file("a", 8), Entry::file("n", 16), gone("d/x")];
    assert_eq!(counts(vec![lower()]), ([3, 0, 0], [7, 0]));
    assert_eq!(counts(vec![lower(), upper]), ([1, 1, 1], [16, 8]));
}

#[test]
fn what_is_deleted_and_made_again_is_modified() {
    let upper = vec![
        Entry::of("d", EntryKind::Directory),
        Entry::file("d/x", 8),
        Entry::of("d", EntryKind::Opaque),
    ];
    assert_eq!(counts(vec![lower(), upper]), ([0, 1, 1], [0, 8]));
    let upper = vec![gone("d"), Entry::file("d/x", 8)];
    assert_eq!(counts(vec![lower(), upper]), ([0, 1, 1], [0, 8]));
}

#[test]
fn another_type_is_a_removal_and_an_addition() {
    let to_file = vec![Entry::file("d", 8)];
    assert_eq!(counts(vec![lower(), to_file]), ([1, 0, 2], [8, 0]));
    let to_directory = vec![Entry::file("a/n", 8)];
    assert_eq!(counts(vec![lower(), to_directory]), ([1, 0, 1], [8, 0]));
    let target = b"d".as_slice().into();
    let to_symlink = vec![Entry::of("a", EntryKind::Symlink { target })];
    assert_eq!(counts(vec![lower(), to_symlink]), ([0, 0, 1], [0, 0]));
}

#[test]
fn a_whiteout_of_nothing_removes_nothing() {
    assert_eq!(
        counts(vec![lower(), vec![gone("z"), gone("a/b")]]),
        ([0; 3], [0; 2])
    );
    assert_eq!(
        counts(vec![vec![gone("a"), Entry::file("b", 1)]]),
        ([1, 0, 0], [1, 0])
    );
}

#[test]
fn a_path_that_a_layer_has_twice_counts_once() {
    let upper = vec![
        Entry::file("a", 8),
        Entry::file("a", 16),
        Entry::file("n", 1),
        Entry::file("n", 2),
    ];
    assert_eq!(counts(vec![lower(), upper]), ([1, 1, 0], [2, 16]));
}

#[test]
fn each_name_of_a_hard_link_is_a_file() {
    let linked = vec![Entry::file("f", 8), link("g", "f")];
    assert_eq!(counts(vec![linked.clone()]), ([2, 0, 0], [8, 0]));
    assert_eq!(counts(vec![linked, vec![gone("f")]]), ([0, 0, 1], [0, 0]));
}

#[test]
fn only_a_modified_file_with_the_content_of_before_is_a_copy() {
    let lower = vec![read("a", 10, b'a', 0o644), read("b", 20, b'b', 0o644)];
    let upper = vec![
        read("a", 10, b'a', 0o755),
        read("b", 20, b'c', 0o644),
        read("n", 10, b'a', 0o644),
    ];
    let found = found(vec![lower, upper], true);
    assert_eq!(found[0].copies, Some(Copies::default()));
    let copies = Copies {
        count: 1,
        size_bytes: 10,
    };
    assert_eq!(found[1].copies, Some(copies));
}

#[test]
fn without_contents_there_is_no_telling_a_copy() {
    let layers = vec![vec![Entry::file("a", 1)], vec![Entry::file("a", 1)]];
    assert_eq!(found(layers, false)[1].copies, None);
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let kind = prop_oneof![
        (0..100_u64).prop_map(|size_bytes| Entry::file("", size_bytes).kind),
        Just(EntryKind::Directory),
        Just(EntryKind::Whiteout),
        Just(EntryKind::Opaque),
    ];
    ("[ab](/[ab]){0,3}", kind).prop_map(|(path, kind)| Entry::of(&path, kind))
}

proptest! {
    #[test]
    fn what_is_added_and_not_removed_is_seen_in_the_end(
        entries in prop::collection::vec(prop::collection::vec(any_entry(), 0..12), 0..5),
    ) {
        let layers: Vec<Arc<Layer>> = entries.into_iter().map(|l| Arc::new(Layer::of(l))).collect();
        let stack = stack(&layers, 0);
        let changes = changes(&layers, stack.tree.gone());
        let added: u64 = changes.iter().map(|changes| changes.added_count).sum();
        let removed: u64 = changes.iter().map(|changes| changes.removed_count).sum();
        prop_assert_eq!(added, removed + stack.tree.file_count());
    }
}
