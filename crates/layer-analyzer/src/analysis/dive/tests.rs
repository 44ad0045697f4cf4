//! Tests of dive's measures: every number is worked out by hand from dive's definitions.

use super::*;
use crate::analysis::stack::stack;

fn file(path: &str, size_bytes: u64) -> Entry {
    Entry::file(path, size_bytes)
}

fn gone(path: &str) -> Entry {
    Entry::of(path, EntryKind::Whiteout)
}

fn directory(path: &str) -> Entry {
    Entry::of(path, EntryKind::Directory)
}

fn found(layers: Vec<Vec<Entry>>) -> Measures {
    let layers: Vec<Arc<Layer>> = layers.into_iter().map(|l| Arc::new(Layer::of(l))).collect();
    measures(&layers, stack(&layers, 0).tree.gone())
}

fn assert_measures(layers: Vec<Vec<Entry>>, efficiency: f64, wasted: u64, user_wasted: f64) {
    let found = found(layers);
    let expected = Measures {
        efficiency_ratio: efficiency,
        wasted_bytes: wasted,
        user_wasted_ratio: user_wasted,
    };
    assert_eq!(found, expected);
}

#[test]
fn an_overwritten_file_is_wasted_with_the_copy_that_is_seen() {
    let lower = vec![file("a", 10), file("b", 20)];
    // a: 10 and 10, the smallest is 10; b: 20. 30 / 40.
    assert_measures(vec![lower, vec![file("a", 10)]], 0.75, 20, 2.0);
}

#[test]
fn a_deleted_file_has_a_smallest_size_of_nothing() {
    let lower = vec![file("a", 10), file("b", 30)];
    assert_measures(vec![lower, vec![gone("a"), file("c", 40)]], 0.875, 10, 0.25);
}

#[test]
fn a_deleted_directory_counts_only_where_it_is_a_leaf_too() {
    let lower = || vec![directory("d"), file("d/x", 30), file("e", 10)];
    // `d` is seen once, worth 30, as are d/x and e.
    assert_measures(vec![lower(), vec![gone("d")]], 1.0, 0, 0.0);
    // `d` is seen without children in between: 0 and 30. d/x 30, e 10: 40 / 70.
    let layers = vec![lower(), vec![directory("d")], vec![gone("d")]];
    assert_measures(layers, 40.0 / 70.0, 30, 0.0);
}

#[test]
fn whiteouts_below_a_deleted_directory_are_worth_what_was_there() {
    let lower = vec![file("d/e/x", 8), file("d/y", 2)];
    let upper = vec![gone("d"), gone("d/e"), gone("d/y")];
    // d 10, d/e 8, d/e/x 8, d/y 2 and 0: (10 + 8 + 8 + 0) / 28; seen twice is d/y alone.
    assert_measures(vec![lower, upper], 26.0 / 28.0, 2, 0.0);
}

#[test]
fn a_whiteout_of_nothing_is_not_seen() {
    let lower = vec![file("a", 10), file("b", 10)];
    let upper = vec![gone("no/such"), file("a", 10), gone("z")];
    assert_measures(vec![lower, upper], 20.0 / 30.0, 20, 2.0);
}

#[test]
fn a_directory_with_only_a_whiteout_in_it_is_no_leaf() {
    let lower = vec![directory("d"), file("d/x", 30)];
    let middle = vec![gone("d/x"), directory("d")];
    let layers = vec![lower, middle, vec![gone("d")]];
    // d once, worth 0; d/x 30 and 0.
    assert_measures(layers, 0.0, 30, 0.0);
}

#[test]
fn a_path_that_a_layer_has_twice_is_one_leaf() {
    assert_measures(vec![vec![file("f", 100), file("f", 30)]], 1.0, 0, 0.0);
}

#[test]
fn opaque_markers_are_not_counted() {
    let lower = vec![directory("d"), file("d/x", 30)];
    let upper = vec![
        directory("d"),
        Entry::of("d", EntryKind::Opaque),
        file("d/z", 10),
    ];
    assert_measures(vec![lower, upper], 1.0, 0, 0.0);
}

#[test]
fn an_image_without_bytes_is_efficient() {
    assert_measures(vec![], 1.0, 0, 0.0);
    assert_measures(vec![vec![directory("d")], vec![gone("d")]], 1.0, 0, 0.0);
}
