//! Tests of stacking and counting together, on layers written as lists.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::analysis::stack::stack;
use crate::model::entry::{Entry, EntryKind, Special};
use crate::model::image::Layer;

fn entry(path: &str, kind: EntryKind) -> Entry {
    Entry::of(path, kind)
}

fn file(path: &str, size_bytes: u64) -> Entry {
    Entry::file(path, size_bytes)
}

fn link(path: &str, target: &str) -> Entry {
    entry(
        path,
        EntryKind::HardLink {
            target: target.as_bytes().into(),
        },
    )
}

fn gone(path: &str) -> Entry {
    entry(path, EntryKind::Whiteout)
}

fn layers(layers: Vec<Vec<Entry>>) -> Vec<Arc<Layer>> {
    layers
        .into_iter()
        .map(|entries| Arc::new(Layer::of(entries)))
        .collect()
}

/// Live bytes, and per layer the bytes that it overwrites, deletes and wastes.
fn counts(stacked: Vec<Vec<Entry>>) -> (u64, Vec<[u64; 3]>) {
    let layers = layers(stacked);
    let waste = waste(&stack(&layers, 10).tree, layers.len(), 10);
    let triple = |l: &LayerWaste| [l.overwritten_bytes, l.deleted_bytes, l.wasted_bytes];
    (waste.live_bytes, waste.layers.iter().map(triple).collect())
}

#[test]
fn a_replaced_file_is_wasted_where_it_is_stored() {
    let found = counts(vec![vec![file("a", 10)], vec![file("a", 7)]]);
    assert_eq!(found, (7, vec![[0, 0, 10], [10, 0, 0]]));
}

#[test]
fn a_whiteout_of_a_directory_deletes_all_below_it() {
    let found = counts(vec![
        vec![file("d/x", 1), file("d/e/y", 2), file("dx", 4)],
        vec![gone("d")],
    ]);
    assert_eq!(found, (4, vec![[0, 0, 3], [0, 3, 0]]));
}

#[test]
fn a_whiteout_hides_nothing_of_its_own_layer() {
    let found = counts(vec![vec![file("d/x", 1)], vec![file("d/n", 2), gone("d")]]);
    assert_eq!(found, (2, vec![[0, 0, 1], [0, 1, 0]]));
}

#[test]
fn an_opaque_marker_after_a_new_file_hides_only_what_is_below() {
    let opaque = entry("d", EntryKind::Opaque);
    let found = counts(vec![vec![file("d/x", 1)], vec![file("d/z", 2), opaque]]);
    assert_eq!(found, (2, vec![[0, 0, 1], [0, 1, 0]]));
}

#[test]
fn an_opaque_marker_below_a_link_spares_what_it_points_to() {
    let lower = vec![
        file("target/x", 1),
        entry("link", EntryKind::Special(Special::Fifo)),
    ];
    let upper = vec![
        entry("link", EntryKind::Directory),
        entry("link", EntryKind::Opaque),
    ];
    assert_eq!(counts(vec![lower, upper]), (1, vec![[0; 3], [0; 3]]));
}

#[test]
fn a_whiteout_of_nothing_is_nothing() {
    let found = counts(vec![
        vec![gone("a"), file("b", 1)],
        vec![gone("b/c"), gone("x/y")],
    ]);
    assert_eq!(found, (1, vec![[0; 3], [0; 3]]));
}

#[test]
fn the_last_entry_of_a_path_wins_within_a_layer() {
    let found = counts(vec![vec![file("a", 10), file("a", 7)]]);
    assert_eq!(found, (7, vec![[0, 0, 10]]));
}

#[test]
fn a_hard_link_keeps_the_content_until_its_last_name_goes() {
    let stored = || vec![file("f", 10), link("g", "f")];
    assert_eq!(counts(vec![stored(), vec![gone("f")]]).0, 10);
    let found = counts(vec![stored(), vec![gone("f")], vec![file("g", 1)]]);
    assert_eq!(found, (1, vec![[0, 0, 10], [0; 3], [10, 0, 0]]));
}

#[test]
fn a_hard_link_to_itself_loses_nothing() {
    assert_eq!(
        counts(vec![vec![file("f", 10), link("f", "f")]]),
        (10, vec![[0; 3]])
    );
}

#[test]
fn another_type_at_the_path_replaces_the_subtree() {
    let lower = || vec![file("d/x", 1), file("d/y", 2), file("f", 4)];
    let to_file = counts(vec![lower(), vec![file("d", 8)]]);
    assert_eq!(to_file, (12, vec![[0, 0, 3], [3, 0, 0]]));
    let to_symlink = counts(vec![
        lower(),
        vec![entry("d", EntryKind::Special(Special::Fifo))],
    ]);
    assert_eq!(to_symlink, (4, vec![[0, 0, 3], [3, 0, 0]]));
    let to_directory = counts(vec![lower(), vec![file("f/n", 8)]]);
    assert_eq!(to_directory, (11, vec![[0, 0, 4], [4, 0, 0]]));
}

#[test]
fn a_directory_over_a_directory_keeps_what_it_holds() {
    let again = vec![entry("d", EntryKind::Directory)];
    assert_eq!(
        counts(vec![vec![file("d/x", 1)], again]),
        (1, vec![[0; 3], [0; 3]])
    );
}

#[test]
fn wasted_paths_come_worst_first_with_their_layers() {
    let lower = vec![file("kept", 5), file("gone", 20), file("big", 1)];
    let layers = layers(vec![
        lower,
        vec![file("kept", 6)],
        vec![file("kept", 7), gone("gone")],
    ]);
    let waste = waste(&stack(&layers, 10).tree, 3, 10);
    let gone = WastedPath {
        path: b"gone",
        wasted_bytes: 20,
        copy_count: 1,
        is_deleted: true,
        layers: vec![0, 2],
    };
    let kept = WastedPath {
        path: b"kept",
        wasted_bytes: 11,
        copy_count: 3,
        is_deleted: false,
        layers: vec![0, 1, 2],
    };
    assert_eq!(waste.paths, [gone, kept]);
}

#[test]
fn the_paths_beyond_the_top_are_counted() {
    let layers = layers(vec![
        vec![file("a", 1), file("b", 1), file("c", 1)],
        vec![gone("a"), gone("b"), gone("c")],
    ]);
    let waste = waste(&stack(&layers, 1).tree, 2, 1);
    assert_eq!(
        (waste.paths[0].path, waste.paths_omitted),
        (b"a".as_slice(), 2)
    );
}

#[test]
fn the_largest_files_say_whether_they_replace_something() {
    let layers = layers(vec![
        vec![file("a", 1)],
        vec![file("a", 2), file("b", 3), file("c", 1)],
    ]);
    let stack = stack(&layers, 2);
    let largest = &stack.layers[1].largest;
    let found: Vec<_> = largest
        .iter()
        .map(|file| (file.path, file.replaces))
        .collect();
    assert_eq!(found, [(b"b".as_slice(), false), (b"a".as_slice(), true)]);
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let path = "[ab](/[ab]){0,3}";
    let kind = prop_oneof![
        (0..100_u64).prop_map(|size_bytes| Entry::file("", size_bytes).kind),
        path.prop_map(|target| EntryKind::HardLink {
            target: target.into_bytes().into()
        }),
        Just(EntryKind::Directory),
        Just(EntryKind::Special(Special::Fifo)),
        Just(EntryKind::Whiteout),
        Just(EntryKind::Opaque),
    ];
    (path, kind).prop_map(|(path, kind)| entry(&path, kind))
}

proptest! {
    #[test]
    fn every_byte_is_live_or_wasted_in_one_layer(
        entries in prop::collection::vec(prop::collection::vec(any_entry(), 0..12), 0..5),
    ) {
        let layers = layers(entries);
        let stack = stack(&layers, 10);
        let waste = waste(&stack.tree, layers.len(), 1000);
        let size_bytes: u64 = stack.layers.iter().map(|layer| layer.size_bytes).sum();
        prop_assert_eq!(size_bytes, waste.live_bytes + waste.wasted_bytes);
        let by_layer: u64 = waste.layers.iter().map(|layer| layer.wasted_bytes).sum();
        prop_assert_eq!(by_layer, waste.wasted_bytes);
        let by_path: u64 = waste.paths.iter().map(|path| path.wasted_bytes).sum();
        prop_assert_eq!(by_path, waste.wasted_bytes);
    }
}
