//! Tests of trees, on layers written as lists.

use std::sync::Arc;

use super::*;
use crate::model::entry::{Entry, EntryKind};
use crate::model::image::Layer;
use crate::model::path::to_text;

fn layers() -> Vec<Arc<Layer>> {
    let directory = |path| Entry::of(path, EntryKind::Directory);
    let link = |path: &str, target: &str| {
        let target = target.as_bytes().into();
        Entry::of(path, EntryKind::HardLink { target })
    };
    let gone = |path| Entry::of(path, EntryKind::Whiteout);
    let lower = vec![
        directory("d"),
        Entry::file("d/x", 10),
        Entry::file("d.y", 20),
        Entry::file("old/z", 30),
        link("a", "d/x"),
    ];
    let upper = vec![
        directory("d"),
        Entry::file("d.y", 4),
        Entry::file("new/n", 5),
        gone("old"),
    ];
    let layer = |entries| Arc::new(Layer::of(entries));
    vec![layer(lower), layer(upper)]
}

/// The lines: level, mark, name, bytes, bytes that are gone.
fn lines(items: Vec<Item<'_>>, cut: &Cut) -> Vec<String> {
    let tree = file_tree(items, cut).unwrap();
    let line = |row: &Row| {
        let (name, mark) = match &row.what {
            What::Named(name, None) => (to_text(name), "?"),
            What::Omitted(count) => (format!("{count} more"), "…"),
            What::Named(name, Some(item)) => (
                to_text(name),
                match item.mark {
                    Mark::None => ".",
                    Mark::Added => "+",
                    Mark::Modified => "~",
                    Mark::Removed => "-",
                    Mark::Gone { .. } => "!",
                },
            ),
        };
        let last = if row.is_last { "└" } else { "├" };
        format!(
            "{} {last} {mark} {name} {} {}",
            row.depth, row.size_bytes, row.gone_bytes
        )
    };
    tree.rows.iter().map(line).collect()
}

#[test]
fn directories_sum_what_they_hold_and_links_count_once() {
    let layers = layers();
    let expected = [
        "0 └ ?  19 0",
        "1 ├ . a 10 0",
        "1 ├ . d 0 0",
        "2 └ . x 0 0",
        "1 ├ . d.y 4 0",
        "1 └ . new 5 0",
        "2 └ . n 5 0",
    ];
    assert_eq!(
        lines(final_items(&layers, false), &Cut::default()),
        expected
    );
    let tree = file_tree(final_items(&layers, false), &Cut::default()).unwrap();
    assert_eq!((tree.directory_count, tree.file_count), (2, 4));
}

#[test]
fn what_is_stored_and_not_seen_is_shown_where_it_was() {
    let expected = [
        "0 └ ?  19 50",
        "1 ├ . a 10 0",
        "1 ├ . d 0 0",
        "2 └ . x 0 0",
        "1 ├ . d.y 4 0",
        "1 ├ ! d.y 0 20",
        "1 ├ . new 5 0",
        "2 └ . n 5 0",
        "1 └ ? old 0 30",
        "2 └ ! z 0 30",
    ];
    assert_eq!(
        lines(final_items(&layers(), true), &Cut::default()),
        expected
    );
}

#[test]
fn a_layer_shows_what_it_adds_replaces_and_removes() {
    let layers = layers();
    let items = layer_items(&layers, 1).unwrap();
    let expected = [
        "0 └ ?  9 30",
        "1 ├ . d 0 0",
        "1 ├ ~ d.y 4 0",
        "1 ├ ? new 5 0",
        "2 └ + n 5 0",
        "1 └ - old 0 30",
        "2 └ - z 0 30",
    ];
    assert_eq!(lines(items, &Cut::default()), expected);
    let lowest = layer_items(&layers, 0).unwrap();
    assert_eq!(lines(lowest, &Cut::default())[0], "0 └ ?  60 0");
    assert_eq!(layer_items(&layers, 2), None);
}

#[test]
fn a_tree_is_cut_by_start_depth_and_size() {
    let layers = layers();
    let items = || final_items(&layers, true);
    let start = |start: &str| Cut {
        start: start.into(),
        ..Cut::default()
    };
    assert_eq!(
        lines(items(), &start("old")),
        ["0 └ ? old 0 30", "1 └ ! z 0 30"]
    );
    assert_eq!(lines(items(), &start("a")), ["0 └ . a 10 0"]);
    assert_eq!(file_tree(items(), &start("ol")), None);
    let flat = Cut {
        depth: Some(1),
        min_bytes: 10,
        is_by_size: true,
        ..Cut::default()
    };
    let expected = [
        "0 └ ?  19 50",
        "1 ├ ? old 0 30",
        "1 ├ ! d.y 0 20",
        "1 ├ . a 10 0",
        "1 └ … 3 more 9 0",
    ];
    assert_eq!(lines(items(), &flat), expected);
}

#[test]
fn a_lost_file_below_what_is_a_file_now_has_a_directory_of_its_own() {
    let layer = |entries| Arc::new(Layer::of(entries));
    let layers = [
        layer(vec![Entry::file("d/x", 1)]),
        layer(vec![Entry::file("d", 2)]),
    ];
    let expected = ["0 └ ?  2 1", "1 ├ . d 2 0", "1 └ ? d 0 1", "2 └ ! x 0 1"];
    assert_eq!(lines(final_items(&layers, true), &Cut::default()), expected);
}
