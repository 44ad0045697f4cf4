//! Groups of files in layers that are written as lists.

use super::*;
use crate::analysis::stack::stack;
use crate::model::entry::{Entry, EntryKind};
use crate::model::mark::Mark;

fn gone(path: &str) -> Entry {
    Entry::of(path, EntryKind::Whiteout)
}

/// Rule, weight, layer, files and bytes of each group, and what becomes of it.
fn told(layers: Vec<Vec<Entry>>, ignore: &Ignore) -> Vec<String> {
    let layers: Vec<Arc<Layer>> = layers.into_iter().map(Layer::of).map(Arc::new).collect();
    told_of(&layers, ignore)
}

fn told_of(layers: &[Arc<Layer>], ignore: &Ignore) -> Vec<String> {
    let stack = stack(layers, 0);
    let groups = groups(&stack.tree, layers, ignore);
    let line = |group: &Group| {
        let Group {
            rule,
            weight,
            layer,
            file_count,
            size_bytes,
            ..
        } = group;
        let fate = group.fate.told(*file_count, *layer);
        format!(
            "{} {weight:?} {layer}: {file_count}, {size_bytes}{fate}",
            rule.id
        )
    };
    groups.iter().map(line).collect()
}

#[test]
fn files_are_counted_by_rule_and_layer() {
    let layers = vec![
        vec![
            Entry::file("var/lib/apt/lists/a", 600_000),
            Entry::file("var/lib/apt/lists/b", 500_000),
            Entry::file("var/lib/apt/lists/lock", 0),
            Entry::file("tmp/x", 7),
            Entry::file("srv/app", 7),
        ],
        vec![Entry::file("tmp/y", 8)],
    ];
    assert_eq!(
        told(layers, &Ignore::default()),
        [
            "apt-cache Warning 0: 2, 1100000",
            "temporary-file Note 0: 1, 7",
            "temporary-file Note 1: 1, 8",
        ]
    );
}

#[test]
fn what_is_deleted_above_is_still_stored() {
    let lists = |path: &str| Entry::file(&format!("var/lib/apt/lists/{path}"), 1);
    let stored = || vec![lists("a"), lists("b")];
    let cases = [
        (
            vec![gone("var/lib/apt/lists")],
            "; deleted in layer 1, still stored in layer 0",
        ),
        (stored(), "; replaced in layer 1, still stored in layer 0"),
        (
            vec![gone("var/lib/apt/lists/a")],
            "; 1 of them deleted or replaced above, still stored in layer 0",
        ),
        (
            vec![gone("var/lib/apt/lists/a"), lists("b")],
            "; deleted or replaced above, still stored in layer 0",
        ),
    ];
    for (above, fate) in cases {
        let found = told(vec![stored(), above], &Ignore::default());
        assert_eq!(found[0], format!("apt-cache Note 0: 2, 2{fate}"));
    }
}

#[test]
fn the_largest_files_are_the_examples() {
    let files = [("a", 1), ("b", 5), ("c", 3), ("d", 5)];
    let files = files.map(|(name, size)| Entry::file(&format!("tmp/{name}"), size));
    let layers = [Arc::new(Layer::of(files.to_vec()))];
    let stack = stack(&layers, 0);
    let groups = groups(&stack.tree, &layers, &Ignore::default());
    assert_eq!(groups[0].examples, [b"tmp/b", b"tmp/d", b"tmp/c"]);
}

#[test]
fn programs_with_symbols_and_core_dumps_go_by_content() {
    let mut layer = Layer::of(vec![
        Entry::file("srv/app", 9_000_000),
        Entry::file("srv/dump", 50),
        Entry::file("usr/lib/debug/x", 60),
    ]);
    let symbols = |size_bytes| MarkKind::Symbols { size_bytes };
    layer.marks = [symbols(4_000_000), MarkKind::CoreDump, symbols(60)]
        .into_iter()
        .enumerate()
        .map(|(entry, kind)| Mark { entry, kind })
        .collect();
    assert_eq!(
        told_of(&[Arc::new(layer)], &Ignore::default()),
        [
            "debug-symbols Note 0: 1, 60",
            "crash-dump Warning 0: 1, 50",
            "unstripped-program Warning 0: 1, 4000000",
        ]
    );
}

#[test]
fn ignored_paths_are_not_looked_at() {
    let glob = globset::Glob::new("tmp/**").unwrap();
    let set = globset::GlobSet::builder().add(glob).build().unwrap();
    let found = told(vec![vec![Entry::file("tmp/a", 1)]], &Ignore(set));
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_rule_about_crashes_is_where_it_is_looked_for() {
    assert_eq!(UNWANTED[CRASH_DUMP].rule.id, "crash-dump");
}
