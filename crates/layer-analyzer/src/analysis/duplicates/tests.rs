//! Tests of finding contents that are there more than once.

use super::*;
use crate::analysis::stack::stack;
use crate::model::entry::Entry;

/// A file whose content is told by a letter.
fn file(path: &str, size_bytes: u64, letter: u8) -> Entry {
    let content = FileContent {
        size_bytes,
        logical_bytes: size_bytes,
        digest: Some([letter; 32]),
    };
    Entry::of(path, EntryKind::File(content))
}

fn link(path: &str, target: &str) -> Entry {
    let target = target.as_bytes().into();
    Entry::of(path, EntryKind::HardLink { target })
}

fn layers(layers: Vec<Vec<Entry>>) -> Vec<Arc<Layer>> {
    let layer = |entries| Layer {
        is_verified: true,
        ..Layer::of(entries)
    };
    layers
        .into_iter()
        .map(|entries| Arc::new(layer(entries)))
        .collect()
}

/// The bytes, the paths and the layers of a content.
type Found = (u64, Vec<String>, Vec<u32>);

/// Bytes that are repeated, and the contents.
fn found(stacked: Vec<Vec<Entry>>) -> (u64, Vec<Found>) {
    let layers = layers(stacked);
    let found = duplicates(&layers, &stack(&layers, 0).tree, 10).unwrap();
    let text = |path: &&[u8]| String::from_utf8(path.to_vec()).unwrap();
    let content = |duplicate: &Duplicate| {
        let paths = duplicate.paths.iter().map(text).collect();
        (duplicate.repeated_bytes, paths, duplicate.layers.clone())
    };
    (
        found.size_bytes,
        found.contents.iter().map(content).collect(),
    )
}

#[test]
fn copies_are_found_across_paths_and_layers_worst_first() {
    let lower = vec![file("a", 10, b'x'), file("b", 7, b'y'), file("c", 10, b'x')];
    let upper = vec![file("d", 10, b'x'), file("e", 7, b'y'), file("f", 99, b'z')];
    let expected = vec![
        (
            20,
            vec!["a".to_owned(), "c".to_owned(), "d".to_owned()],
            vec![0, 1],
        ),
        (7, vec!["b".to_owned(), "e".to_owned()], vec![0, 1]),
    ];
    assert_eq!(found(vec![lower, upper]), (27, expected));
}

#[test]
fn hard_links_are_one_copy() {
    let linked = vec![file("a", 10, b'x'), link("b", "a")];
    assert_eq!(found(vec![linked]), (0, vec![]));
}

#[test]
fn what_is_overwritten_with_the_same_is_waste_and_no_duplicate() {
    let again = || vec![file("a", 10, b'x')];
    assert_eq!(found(vec![again(), again()]), (0, vec![]));
}

#[test]
fn empty_files_are_no_duplicates() {
    assert_eq!(
        found(vec![vec![file("a", 0, b'x'), file("b", 0, b'x')]]),
        (0, vec![])
    );
}

#[test]
fn a_copy_whose_first_name_is_gone_is_told_by_one_that_is_there() {
    let lower = vec![file("a", 10, b'x'), link("kept", "a"), file("c", 10, b'x')];
    let upper = vec![Entry::of("a", EntryKind::Whiteout)];
    let expected = vec![(10, vec!["c".to_owned(), "kept".to_owned()], vec![0])];
    assert_eq!(found(vec![lower, upper]), (10, expected));
}

#[test]
fn contents_beyond_the_top_are_counted() {
    let files = vec![
        file("a", 1, b'x'),
        file("b", 1, b'x'),
        file("c", 2, b'y'),
        file("d", 2, b'y'),
    ];
    let layers = layers(vec![files]);
    let found = duplicates(&layers, &stack(&layers, 0).tree, 1).unwrap();
    assert_eq!((found.size_bytes, found.contents_omitted), (3, 1));
    assert_eq!(found.contents[0].paths, [b"c", b"d"]);
}

#[test]
fn without_contents_nothing_is_known() {
    let layers = [Arc::new(Layer::of(vec![Entry::file("a", 1)]))];
    assert_eq!(duplicates(&layers, &stack(&layers, 0).tree, 1), None);
}
