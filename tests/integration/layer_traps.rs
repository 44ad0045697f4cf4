//! Image archives with one trap each. Every number is worked out by hand from the lists in
//! `fixtures/layers/make_traps.py`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::layers::{Counts, analyze, archives, counts, make_traps, trap_name};
use tests::tool::Tool;

/// A trap, then stored, live and wasted bytes and the files that a container sees, then for each
/// layer: stored bytes, files, overwritten, deleted and wasted bytes.
type Answer = (&'static str, [u64; 4], &'static [[u64; 5]]);

const UNTOUCHED: [u64; 5] = [600, 3, 0, 0, 0];
const NOTHING: [u64; 5] = [0; 5];

#[rustfmt::skip]
const CHANGES: &[Answer] = &[
    ("overwrite", [640, 540, 100, 3], &[[600, 3, 0, 0, 100], [40, 1, 100, 0, 0]]),
    ("delete-file", [600, 500, 100, 2], &[[600, 3, 0, 0, 100], [0, 0, 0, 100, 0]]),
    ("delete-directory", [600, 100, 500, 1], &[[600, 3, 0, 0, 500], [0, 0, 0, 500, 0]]),
    ("delete-directory-and-children", [600, 100, 500, 1], &[[600, 3, 0, 0, 500], [0, 0, 0, 500, 0]]),
    ("delete-and-recreate", [607, 107, 500, 2], &[[600, 3, 0, 0, 500], [7, 1, 0, 500, 0]]),
    ("delete-then-recreate", [605, 105, 500, 2], &[[600, 3, 0, 0, 500], [0, 0, 0, 500, 0], [5, 1, 0, 0, 0]]),
    ("opaque-first", [609, 109, 500, 2], &[[600, 3, 0, 0, 500], [9, 1, 0, 500, 0]]),
    ("opaque-last", [609, 109, 500, 2], &[[600, 3, 0, 0, 500], [9, 1, 0, 500, 0]]),
    ("opaque-without-directory", [609, 109, 500, 2], &[[600, 3, 0, 0, 500], [9, 1, 0, 500, 0]]),
    ("opaque-root", [605, 5, 600, 1], &[[600, 3, 0, 0, 600], [5, 1, 0, 600, 0]]),
    ("opaque-and-same-file", [650, 150, 500, 2], &[[600, 3, 0, 0, 500], [50, 1, 0, 500, 0]]),
    ("opaque-of-nothing", [605, 605, 0, 4], &[UNTOUCHED, [5, 1, 0, 0, 0]]),
    ("opaque-of-file", [600, 600, 0, 3], &[UNTOUCHED, NOTHING]),
    ("opaque-over-symlink", [65, 65, 0, 2], &[[60, 1, 0, 0, 0], [5, 1, 0, 0, 0]]),
    ("opaque-with-longer-name", [600, 600, 0, 3], &[UNTOUCHED, NOTHING]),
    ("whiteout-without-name", [640, 540, 100, 3], &[[600, 3, 0, 0, 100], [40, 1, 100, 0, 0]]),
    ("whiteout-of-nothing", [640, 540, 100, 3], &[[600, 3, 0, 0, 100], [40, 1, 100, 0, 0]]),
    ("whiteout-below-a-file", [600, 600, 0, 3], &[UNTOUCHED, NOTHING]),
    ("whiteout-in-only-layer", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
    ("whiteout-and-file", [640, 540, 100, 3], &[[600, 3, 0, 0, 100], [40, 1, 0, 100, 0]]),
    ("whiteout-without-permissions", [600, 500, 100, 2], &[[600, 3, 0, 0, 100], [0, 0, 0, 100, 0]]),
    ("whiteout-with-link-name", [600, 400, 200, 2], &[[600, 3, 0, 0, 200], [0, 0, 0, 200, 0]]),
    ("whiteout-as-hard-link", [600, 100, 500, 1], &[[600, 3, 0, 0, 500], [0, 0, 0, 500, 0]]),
    ("aufs-metadata", [600, 600, 0, 3], &[UNTOUCHED, NOTHING]),
    ("file-becomes-directory", [601, 501, 100, 3], &[[600, 3, 0, 0, 100], [1, 1, 100, 0, 0]]),
    ("file-becomes-implied-directory", [603, 503, 100, 3], &[[600, 3, 0, 0, 100], [3, 1, 100, 0, 0]]),
    ("file-becomes-symlink", [600, 500, 100, 2], &[[600, 3, 0, 0, 100], [0, 0, 100, 0, 0]]),
    ("file-becomes-device", [600, 500, 100, 2], &[[600, 3, 0, 0, 100], [0, 0, 100, 0, 0]]),
    ("directory-becomes-file", [610, 110, 500, 2], &[[600, 3, 0, 0, 500], [10, 1, 500, 0, 0]]),
    ("directory-becomes-symlink", [600, 100, 500, 1], &[[600, 3, 0, 0, 500], [0, 0, 500, 0, 0]]),
    ("directory-over-directory", [600, 600, 0, 3], &[UNTOUCHED, NOTHING]),
    ("symlink-becomes-file", [20, 20, 0, 1], &[NOTHING, [20, 1, 0, 0, 0]]),
    ("same-path-twice", [130, 30, 100, 1], &[[130, 2, 0, 0, 100]]),
    ("same-path-twice-over-lower", [603, 502, 101, 3], &[[600, 3, 0, 0, 100], [3, 2, 100, 0, 1]]),
    ("moved-file", [800, 600, 200, 3], &[[600, 3, 0, 0, 200], [200, 1, 0, 200, 0]]),
    ("permissions-only", [800, 600, 200, 3], &[[600, 3, 0, 0, 200], [200, 1, 200, 0, 0]]),
    ("parents-missing", [10, 0, 10, 0], &[[10, 1, 0, 0, 10], [0, 0, 0, 10, 0]]),
    ("root-entry", [1, 1, 0, 1], &[[1, 1, 0, 0, 0], NOTHING]),
];

/// Each name of a hard link counts as a file; a link to what is no file has nothing to name.
#[rustfmt::skip]
const LINKS: &[Answer] = &[
    ("hard-link-survives", [100, 100, 0, 1], &[[100, 2, 0, 0, 0], NOTHING]),
    ("hard-link-all-gone", [103, 3, 100, 1], &[[100, 2, 0, 0, 100], NOTHING, [3, 1, 100, 0, 0]]),
    ("hard-link-replaced", [200, 200, 0, 2], &[[100, 2, 0, 0, 0], [100, 1, 0, 0, 0]]),
    ("hard-link-to-lower-layer", [600, 600, 0, 4], &[UNTOUCHED, [0, 1, 0, 0, 0]]),
    ("hard-link-to-lower-layer-deleted", [600, 600, 0, 3], &[UNTOUCHED, [0, 1, 0, 0, 0], NOTHING]),
    ("hard-link-chain", [100, 100, 0, 1], &[[100, 3, 0, 0, 0], NOTHING, NOTHING]),
    ("hard-link-chain-across-layers", [100, 100, 0, 1], &[[100, 1, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0], NOTHING]),
    ("hard-link-copy-up", [700, 600, 100, 4], &[[600, 3, 0, 0, 100], [100, 2, 100, 0, 0]]),
    ("hard-link-before-target", [10, 10, 0, 1], &[[10, 2, 0, 0, 0]]),
    ("hard-link-to-nothing", [10, 10, 0, 1], &[[10, 2, 0, 0, 0]]),
    ("hard-link-to-directory", [600, 600, 0, 3], &[UNTOUCHED, [0, 1, 0, 0, 0]]),
    ("hard-link-to-itself", [10, 10, 0, 1], &[[10, 2, 0, 0, 0]]),
    ("hard-link-to-symlink", [10, 10, 0, 1], &[[10, 2, 0, 0, 0]]),
    ("hard-link-outlives-target", [30, 30, 0, 2], &[[30, 3, 0, 0, 0]]),
    ("hard-link-with-size", [11, 11, 0, 3], &[[11, 3, 0, 0, 0]]),
    ("symlink-loop", [0, 0, 0, 0], &[NOTHING]),
    ("file-below-symlink", [65, 65, 0, 2], &[[60, 1, 0, 0, 0], [5, 1, 0, 0, 0]]),
    ("devices", [1, 1, 0, 1], &[[1, 1, 0, 0, 0]]),
];

#[rustfmt::skip]
const NAMES: &[Answer] = &[
    ("not-utf8-in-ustar", [30, 30, 0, 2], &[[30, 2, 0, 0, 0]]),
    ("not-utf8-in-gnu", [30, 30, 0, 2], &[[30, 2, 0, 0, 0]]),
    ("not-utf8-in-pax", [30, 30, 0, 2], &[[30, 2, 0, 0, 0]]),
    ("control-characters", [11, 11, 0, 2], &[[11, 2, 0, 0, 0]]),
    ("same-letters", [30, 30, 0, 2], &[[30, 2, 0, 0, 0]]),
    ("hostile-paths", [100, 50, 50, 2], &[[100, 4, 0, 0, 50], [0, 0, 0, 50, 0]]),
    ("name-of-100", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
    ("name-of-256", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
    ("name-of-4095-in-pax", [10, 0, 10, 0], &[[10, 1, 0, 0, 10], [0, 0, 0, 10, 0]]),
    ("name-of-4095-in-gnu", [10, 0, 10, 0], &[[10, 1, 0, 0, 10], [0, 0, 0, 10, 0]]),
    ("long-link-in-pax", [10, 10, 0, 1], &[[10, 2, 0, 0, 0], NOTHING]),
    ("long-link-in-gnu", [10, 10, 0, 1], &[[10, 2, 0, 0, 0], NOTHING]),
    ("forged-record", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
];

/// The sparse files have 3 or 60 fragments of 512 bytes; PAX 1.0 stores their map too, in one block of
/// 512 bytes or in two.
#[rustfmt::skip]
const FORMATS: &[Answer] = &[
    ("global-pax-header", [640, 540, 100, 3], &[[600, 3, 0, 0, 100], [40, 1, 100, 0, 0]]),
    ("pax-attributes", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
    ("pax-size", [601, 601, 0, 2], &[[601, 2, 0, 0, 0]]),
    ("pax-empty-value", [3, 3, 0, 1], &[[3, 1, 0, 0, 0]]),
    ("setuid-bits", [30, 30, 0, 2], &[[30, 2, 0, 0, 0]]),
    ("base-256", [30, 30, 0, 2], &[[30, 2, 0, 0, 0]]),
    ("before-posix", [60, 60, 0, 3], &[[60, 3, 0, 0, 0]]),
    ("signed-checksum", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
    ("sparse-gnu", [1536, 1536, 0, 1], &[[1536, 1, 0, 0, 0]]),
    ("sparse-gnu-of-60", [30720, 30720, 0, 1], &[[30720, 1, 0, 0, 0]]),
    ("sparse-pax-0.0", [1536, 1536, 0, 1], &[[1536, 1, 0, 0, 0]]),
    ("sparse-pax-0.0-of-60", [30720, 30720, 0, 1], &[[30720, 1, 0, 0, 0]]),
    ("sparse-pax-0.1", [1536, 1536, 0, 1], &[[1536, 1, 0, 0, 0]]),
    ("sparse-pax-0.1-of-60", [30720, 30720, 0, 1], &[[30720, 1, 0, 0, 0]]),
    ("sparse-pax-1.0", [2048, 2048, 0, 1], &[[2048, 1, 0, 0, 0]]),
    ("sparse-pax-1.0-of-60", [31744, 31744, 0, 1], &[[31744, 1, 0, 0, 0]]),
    ("empty-file-last", [512, 512, 0, 2], &[[512, 2, 0, 0, 0]]),
    ("garbage-after-end", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
    ("member-after-end", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
    ("one-block-of-end", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
    ("no-end", [10, 10, 0, 1], &[[10, 1, 0, 0, 0]]),
];

/// The image of most archives: `etc/a` of 100 bytes replaced by one of 40.
const OVERWRITTEN: Answer = (
    "",
    [640, 540, 100, 3],
    &[[600, 3, 0, 0, 100], [40, 1, 100, 0, 0]],
);
const OVERWRITTEN_IN: [&str; 27] = [
    "history-too-long",
    "history-too-short",
    "history-missing",
    "dot-slash-members",
    "gzip-in-legacy",
    "zstd-in-legacy",
    "other-layer-names",
    "gzip-whole",
    "zstd-whole",
    "manifest-first",
    "archive-without-end",
    "archive-with-garbage-after-end",
    "oci-gzip",
    "oci-zstd",
    "oci-plain",
    "oci-mislabelled",
    "oci-dot-slash",
    "oci-gzip-members",
    "oci-gzip-and-zeros",
    "oci-zstd-frames",
    "oci-estargz",
    "docker-25",
    "docker-25-gzip",
    "docker-25-without-layers",
    "oci-attestation",
    "oci-nested",
    "oci-unknown-neighbour",
];

/// A layer that is there again replaces all that it had: nothing is saved by equal digests.
const TWICE: Answer = (
    "",
    [1240, 600, 640, 3],
    &[
        [600, 3, 0, 0, 600],
        [40, 1, 100, 0, 40],
        [600, 3, 540, 0, 0],
    ],
);
const TWICE_IN: [&str; 5] = [
    "link-after-layer",
    "link-before-layer",
    "link-to-root",
    "hard-link-layer",
    "same-layer-named-twice",
];

#[rustfmt::skip]
const IMAGES: &[Answer] = &[
    ("empty-layers", [600, 600, 0, 3], &[NOTHING, UNTOUCHED, NOTHING, NOTHING]),
    ("only-empty-layers", [0, 0, 0, 0], &[NOTHING, NOTHING]),
    ("no-layers", [0, 0, 0, 0], &[]),
    ("docker-25-same-layer-twice", [680, 540, 140, 3], &[[600, 3, 0, 0, 100], [40, 1, 100, 0, 40], [40, 1, 40, 0, 0]]),
    ("two-images", [600, 600, 0, 3], &[UNTOUCHED]),
    ("two-images", [640, 540, 100, 3], &[[600, 3, 0, 0, 100], [40, 1, 100, 0, 0]]),
];

/// What all images of a group's archives have, by the names of the traps.
type ByTrap = BTreeMap<String, Vec<Counts>>;

fn by_trap(images: impl IntoIterator<Item = (String, Counts)>) -> ByTrap {
    let mut found = ByTrap::new();
    for (name, counts) in images {
        found.entry(name).or_default().push(counts);
    }
    found
}

#[track_caller]
fn assert_counts(group: &str, answers: impl IntoIterator<Item = Answer>, arguments: &str) {
    let dir = make_traps(&[group]);
    let expected = by_trap(answers.into_iter().map(|(name, image, layers)| {
        let layers = layers.to_vec();
        (name.to_owned(), Counts { image, layers })
    }));
    for verify in ["--verify=never", "--verify"] {
        let images = analyze(&archives(dir.path()), &format!("{verify} {arguments}"));
        let found = by_trap(images.iter().map(|image| {
            let name = trap_name(image["name"].as_str().unwrap());
            (name.to_owned(), counts(image))
        }));
        let names = |traps: &ByTrap| traps.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected));
        for (name, counts) in &expected {
            assert_eq!(&found[name], counts, "{name}, {verify}");
        }
    }
}

#[test]
fn what_layers_do_to_lower_ones_is_counted() {
    assert_counts("changes", CHANGES.iter().copied(), "");
}

#[test]
fn contents_live_as_long_as_one_of_their_names() {
    assert_counts("links", LINKS.iter().copied(), "");
}

#[test]
fn names_are_bytes_that_stay_inside() {
    assert_counts("names", NAMES.iter().copied(), "");
}

#[test]
fn all_formats_of_archives_are_read() {
    assert_counts("formats", FORMATS.iter().copied(), "");
}

#[test]
fn images_are_found_in_archives_of_all_kinds() {
    let same = |names: &'static [&str], (_, image, layers): Answer| {
        names.iter().map(move |name| (*name, image, layers))
    };
    let platforms = ("oci-platforms", OVERWRITTEN.1, OVERWRITTEN.2);
    let answers = same(&OVERWRITTEN_IN, OVERWRITTEN)
        .chain(same(&TWICE_IN, TWICE))
        .chain(IMAGES.iter().copied())
        .chain([platforms]);
    assert_counts("images", answers, "--platform linux/amd64");
}

#[test]
fn a_layer_has_an_instruction_only_where_the_history_fits() {
    let dir = make_traps(&["images"]);
    for (name, expected) in [
        ("manifest-first", json!("RUN step 1")),
        ("history-too-long", Value::Null),
        ("history-too-short", Value::Null),
        ("history-missing", Value::Null),
    ] {
        let archive = dir.path().join(name).with_extension("tar");
        let image = analyze(&[archive], "").remove(0);
        assert_eq!(image["layers"][1]["instruction"], expected, "{name}");
    }
}

/// The paths of an image's files, each layer's largest first.
fn paths(image: &Value) -> Vec<&str> {
    let layers = image["layers"].as_array().unwrap().iter();
    let files = layers.flat_map(|layer| layer["largest_files"].as_array().unwrap());
    files.map(|file| file["path"].as_str().unwrap()).collect()
}

#[test]
fn paths_are_told_apart_and_cannot_forge_others() {
    let dir = make_traps(&["names"]);
    let images = analyze(&archives(dir.path()), "");
    let longest = vec!["n".repeat(255); 15].join("/") + "/" + &"m".repeat(255);
    let cases = [
        ("not-utf8-in-ustar", vec!["f\\xfe", "f\\xff"]),
        ("not-utf8-in-gnu", vec!["f\\xfe", "f\\xff"]),
        ("not-utf8-in-pax", vec!["f\\xfe", "f\\xff"]),
        ("control-characters", vec!["a\nb\u{1b}[31mred", "tab\there"]),
        ("same-letters", vec!["cafe\u{301}", "caf\u{e9}"]),
        ("hostile-paths", vec!["y/z", "c", "etc/b", "etc/a"]),
        ("name-of-4095-in-pax", vec![&longest]),
        ("name-of-4095-in-gnu", vec![&longest]),
        ("forged-record", vec!["f"]),
    ];
    for (name, expected) in cases {
        let mut images = images.iter();
        let image = images.find(|image| trap_name(image["name"].as_str().unwrap()) == name);
        assert_eq!(paths(image.unwrap()), expected, "{name}");
    }
}

#[test]
fn a_terminal_gets_no_control_characters() {
    let dir = make_traps(&["names"]);
    for format in ["table", "markdown", "html"] {
        let shown = Tool::new("layer-analyzer")
            .args(&format!("analyze --format {format}"))
            .arg(dir.path().join("control-characters.tar"))
            .run()
            .expect_exit(0);
        assert!(shown.contains("31mred"), "{shown}");
        assert!(!shown.contains("\u{1b}[31m"), "{shown}");
    }
}

#[test]
fn a_marker_that_names_nothing_is_warned_of_once() {
    let dir = make_traps(&["changes"]);
    let finished = Tool::new("layer-analyzer")
        .args("analyze")
        .arg(dir.path().join("whiteout-without-name.tar"))
        .run();
    let warning = "whiteout `etc/.wh.` names no file";
    assert_eq!(finished.stderr.matches(warning).count(), 1);
    let _ = finished.expect_exit(0);
}

#[test]
fn a_content_that_is_stored_again_unchanged_is_found_when_it_is_read() {
    let dir = make_traps(&["changes"]);
    let path = [dir.path().join("permissions-only.tar")];
    for (verify, expected) in [
        ("--verify", json!([1, 200])),
        ("--verify=never", json!([null, null])),
    ] {
        let image = analyze(&path, verify).remove(0);
        let changes = &image["layers"][1]["changes"];
        let found = json!([
            changes["metadata_only_count"],
            changes["metadata_only_bytes"]
        ]);
        assert_eq!(found, expected, "{verify}");
    }
}
