//! Tests of comparing, on images written as lists.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::model::entry::{Entry, EntryKind, FileContent, Metadata, Xattr};
use crate::model::image::{HistoryEntry, Layer};
use crate::model::path::to_text;

fn image(id: &str, layers: Vec<(&str, Vec<Entry>)>) -> Image {
    let layer = |(diff_id, entries): (&str, Vec<Entry>)| {
        Arc::new(Layer {
            diff_id: diff_id.to_owned(),
            ..Layer::of(entries)
        })
    };
    Image {
        name: id.to_owned(),
        id: id.to_owned(),
        engine_id: None,
        tags: Vec::new(),
        platform: None,
        settings: Value::Null,
        created: None,
        history: Vec::new(),
        layers: layers.into_iter().map(layer).collect(),
    }
}

/// A file of one byte, whose content was read.
fn file(path: &str, content: u8) -> Entry {
    let content = FileContent {
        size_bytes: 1,
        logical_bytes: 1,
        digest: Some([content; 32]),
    };
    Entry::of(path, EntryKind::File(content))
}

fn directory(path: &str) -> Entry {
    Entry::of(path, EntryKind::Directory)
}

fn gone(path: &str) -> Entry {
    Entry::of(path, EntryKind::Whiteout)
}

fn link(path: &str, target: &str) -> Entry {
    let target = target.as_bytes().into();
    Entry::of(path, EntryKind::HardLink { target })
}

fn symlink(path: &str, target: &str) -> Entry {
    let target = target.as_bytes().into();
    Entry::of(path, EntryKind::Symlink { target })
}

fn with(mut entry: Entry, change: impl FnOnce(&mut Metadata)) -> Entry {
    change(&mut entry.metadata);
    entry
}

fn at(entry: Entry, mtime_s: i64) -> Entry {
    with(entry, |metadata| metadata.mtime_s = mtime_s)
}

/// Verdict and causes of two images of one layer each.
#[track_caller]
fn assert_one_layer(before: Vec<Entry>, after: Vec<Entry>, verdict: Verdict, causes: &[Cause]) {
    let before = image("1", vec![("a", before)]);
    let after = image("2", vec![("b", after)]);
    assert_found(&before, &after, verdict, causes);
}

#[track_caller]
fn assert_found(before: &Image, after: &Image, verdict: Verdict, causes: &[Cause]) {
    let found = difference(before, after);
    assert_eq!((found.verdict, found.causes.as_slice()), (verdict, causes));
}

#[test]
fn the_same_image_is_identical() {
    let one = image("1", vec![("a", vec![Entry::file("f", 10)])]);
    assert_found(&one, &one.clone(), Verdict::Identical, &[]);
}

#[test]
fn what_a_container_sees_makes_images_different() {
    let is = |before, after, cause| assert_one_layer(before, after, Verdict::Different, &[cause]);
    is(vec![file("f", 1)], vec![file("f", 2)], Cause::Content);
    is(vec![file("f", 1)], vec![], Cause::Files);
    is(vec![file("f", 1)], vec![directory("f")], Cause::Kind);
    is(
        vec![symlink("f", "a")],
        vec![symlink("f", "b")],
        Cause::Kind,
    );
    let changed = |change: fn(&mut Metadata)| vec![with(file("f", 1), change)];
    is(
        vec![file("f", 1)],
        changed(|m| m.mode = 0o4755),
        Cause::Permissions,
    );
    is(
        vec![file("f", 1)],
        changed(|m| m.user_id = 1000),
        Cause::Ownership,
    );
    let capability = |m: &mut Metadata| {
        let (name, value) = ((*b"user.a").into(), (*b"1").into());
        m.xattrs = Box::new([Xattr { name, value }]);
    };
    is(vec![file("f", 1)], changed(capability), Cause::Attributes);
}

#[test]
fn times_order_and_packing_make_images_equivalent() {
    let is = |before, after, cause| assert_one_layer(before, after, Verdict::Equivalent, &[cause]);
    is(
        vec![at(file("f", 1), 5)],
        vec![at(file("f", 1), 6)],
        Cause::Times,
    );
    let listed = || vec![file("f", 1), file("g", 2), directory("d")];
    is(listed(), listed().into_iter().rev().collect(), Cause::Order);
    is(listed(), listed(), Cause::Packing);
    is(
        vec![file("f", 1), link("g", "f")],
        vec![file("g", 1), link("f", "g")],
        Cause::Order,
    );
    let mode = |entry, mode| with(entry, |metadata| metadata.mode = mode);
    is(
        vec![mode(symlink("l", "f"), 0o777)],
        vec![mode(symlink("l", "f"), 0o755)],
        Cause::Packing,
    );
}

#[test]
fn a_hard_link_is_compared_by_what_it_leads_to() {
    assert_one_layer(
        vec![file("f", 1), link("g", "f")],
        vec![file("f", 1), file("g", 1)],
        Verdict::Equivalent,
        &[Cause::Packing],
    );
    assert_one_layer(
        vec![file("f", 1), file("x", 2), link("g", "f")],
        vec![file("f", 1), file("x", 2), link("g", "x")],
        Verdict::Different,
        &[Cause::Content],
    );
}

#[test]
fn files_in_other_layers_are_the_same_files() {
    let one = image("1", vec![("a", vec![file("f", 1), file("g", 2)])]);
    let two = image(
        "2",
        vec![("b", vec![file("f", 1)]), ("c", vec![file("g", 2)])],
    );
    assert_found(&one, &two, Verdict::Equivalent, &[Cause::Layers]);
    let found = difference(&one, &two);
    assert_eq!(found.layer_causes, [vec![Cause::Files], vec![]]);
    assert_eq!(found.figures[1].layer_bytes, [1, 1]);
}

#[test]
fn what_no_container_sees_makes_no_other_image() {
    let cached = |id, diff_id, content| {
        let lower = vec![file("f", 1), file("cache", content)];
        image(id, vec![(diff_id, lower), ("top", vec![gone("cache")])])
    };
    let (before, after) = (cached("1", "a", 3), cached("2", "b", 4));
    assert_found(&before, &after, Verdict::Equivalent, &[Cause::Layers]);
    assert_eq!(
        difference(&before, &after).layer_causes,
        [vec![Cause::Content], vec![]]
    );
}

#[test]
fn times_that_are_covered_by_an_upper_layer_are_times() {
    let covered = |id, diff_id, mtime_s| {
        let lower = vec![at(directory("d"), mtime_s), file("d/f", 1)];
        image(id, vec![(diff_id, lower), ("top", vec![directory("d")])])
    };
    let (before, after) = (covered("1", "a", 5), covered("2", "b", 6));
    assert_found(&before, &after, Verdict::Equivalent, &[Cause::Times]);
}

#[test]
fn without_contents_nothing_is_called_the_same() {
    let unread = || vec![Entry::file("f", 10), Entry::file("empty", 0)];
    assert_one_layer(unread(), unread(), Verdict::Unknown, &[]);
    let longer = vec![Entry::file("f", 11), Entry::file("empty", 0)];
    assert_one_layer(unread(), longer, Verdict::Different, &[Cause::Content]);
    let empty = || vec![Entry::file("empty", 0)];
    assert_one_layer(empty(), empty(), Verdict::Equivalent, &[Cause::Packing]);
    // The same layer has the same contents.
    let before = image("1", vec![("a", unread())]);
    let mut after = image("2", vec![("a", unread())]);
    after.created = Some("2026-01-01T00:00:00Z".to_owned());
    assert_found(&before, &after, Verdict::Equivalent, &[Cause::History]);
}

#[test]
fn the_configuration_is_settings_or_history() {
    let one = image("1", vec![]);
    let mut other = image("2", vec![]);
    assert_found(&one, &other, Verdict::Equivalent, &[Cause::History]);
    other.settings = json!({"Cmd": ["sh"]});
    assert_found(&one, &other, Verdict::Different, &[Cause::Settings]);
    other.history = vec![HistoryEntry {
        created_by: "CMD sh".to_owned(),
        is_empty_layer: true,
    }];
    let both = [Cause::Settings, Cause::History];
    assert_found(&one, &other, Verdict::Different, &both);
}

#[test]
fn each_path_that_differs_names_its_layer() {
    let before = vec![("a", vec![file("a/x", 1), file("a.b", 2), file("c", 3)])];
    let after = vec![
        ("b", vec![directory("a"), file("a/x", 1), file("c", 3)]),
        ("c", vec![file("c", 4), file("d", 5)]),
    ];
    let (before, after) = (image("1", before), image("2", after));
    let found = difference(&before, &after);
    let paths: Vec<_> = found
        .paths
        .iter()
        .map(|p| {
            (
                to_text(&p.path),
                p.before.is_some(),
                p.after.is_some(),
                p.layer,
            )
        })
        .collect();
    let expected = [
        ("a.b".to_owned(), true, false, 0),
        ("c".to_owned(), true, true, 1),
        ("d".to_owned(), false, true, 1),
    ];
    assert_eq!(paths, expected);
    assert_eq!(found.paths[1].causes, [Cause::Content]);
}
