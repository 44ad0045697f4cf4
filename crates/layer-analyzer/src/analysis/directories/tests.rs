//! Directories of small layers, counted by hand.

use std::sync::Arc;

use super::*;
use crate::analysis::stack::stack;
use crate::model::entry::{Entry, EntryKind};
use crate::model::image::Layer;

/// Path, bytes, wasted bytes and files of each layer's `top` largest directories.
fn found(layers: Vec<Vec<Entry>>, top: usize) -> Vec<Vec<(String, u64, u64, u64)>> {
    let layers: Vec<_> = layers
        .into_iter()
        .map(|it| Arc::new(Layer::of(it)))
        .collect();
    let stack = stack(&layers, 0);
    let all = directories(stack.tree.contents(), layers.len(), top);
    all.into_iter()
        .map(|directories| {
            let row = |it: Directory| {
                let path = String::from_utf8(it.path.to_vec()).unwrap();
                let Sum {
                    size_bytes,
                    wasted_bytes,
                    file_count,
                } = it.sum;
                (path, size_bytes, wasted_bytes, file_count)
            };
            directories.into_iter().map(row).collect()
        })
        .collect()
}

fn row(path: &str, size_bytes: u64, wasted_bytes: u64, file_count: u64) -> (String, u64, u64, u64) {
    (path.to_owned(), size_bytes, wasted_bytes, file_count)
}

#[test]
fn a_directory_has_the_bytes_of_all_below_it_in_its_layer() {
    let layers = vec![
        vec![
            Entry::file("root", 1000),
            Entry::file("usr/bin/sh", 10),
            Entry::file("usr/lib/a/b/c/deep", 100),
            Entry::file("usr/lib/a/flat", 1),
            Entry::file("usr/bin/ls", 20),
            Entry::of("empty", EntryKind::Directory),
        ],
        vec![
            Entry::file("usr/bin/sh", 5),
            Entry::of("usr/lib/a/b", EntryKind::Whiteout),
        ],
        vec![],
    ];
    let expected = vec![
        vec![
            row("usr", 131, 110, 4),
            row("usr/lib", 101, 100, 2),
            row("usr/lib/a", 101, 100, 2),
            row("usr/bin", 30, 10, 2),
        ],
        vec![row("usr", 5, 0, 1), row("usr/bin", 5, 0, 1)],
        vec![],
    ];
    assert_eq!(found(layers, 10), expected);
}

#[test]
fn the_directory_above_a_listed_one_is_listed() {
    let layer = vec![
        Entry::file("z/y/x/w/file", 7),
        Entry::file("a/file", 5),
        Entry::file("b/file", 5),
    ];
    let expected = [
        row("z", 7, 0, 1),
        row("z/y", 7, 0, 1),
        row("z/y/x", 7, 0, 1),
    ];
    assert_eq!(found(vec![layer.clone()], 3)[0], expected);
    let found = found(vec![layer], 4);
    assert_eq!(found[0][3], row("a", 5, 0, 1));
}

#[test]
fn a_hard_link_counts_where_its_content_is_stored() {
    let target: Box<[u8]> = (*b"a/file").into();
    let layer = vec![
        Entry::file("a/file", 9),
        Entry::of("b/link", EntryKind::HardLink { target }),
    ];
    let gone = vec![Entry::of("a/file", EntryKind::Whiteout)];
    assert_eq!(found(vec![layer, gone], 9)[0], [row("a", 9, 0, 1)]);
}
