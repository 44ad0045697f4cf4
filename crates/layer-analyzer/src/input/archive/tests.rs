//! Archives of testdata/archives: what is read from them, and why some are refused.
//!
//! What their images waste is tried in `run`'s tests.

use std::path::PathBuf;

use crate::input::error::InputError;
use crate::input::limits::Limits;
use crate::input::source::{ImageOptions, read_archive_file, read_archive_stream};
use crate::model::entry::EntryKind;
use crate::model::image::Image;

fn archive(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.join("testdata/archives").join(name)
}

fn read(name: &str) -> Result<Vec<Image>, InputError> {
    read_archive_file(&archive(name), &ImageOptions::default())
}

fn read_bytes(bytes: &[u8]) -> Result<Vec<Image>, InputError> {
    read_archive_stream(bytes, "x", &ImageOptions::default())
}

fn refusal(name: &str) -> String {
    chain(&read(name).unwrap_err())
}

/// An error and what caused it, in one line.
fn chain(error: &InputError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[test]
fn an_image_is_read_with_its_configuration() {
    let image = &read("plain.tar").unwrap()[0];
    assert_eq!(image.tags, ["trap:1"]);
    assert_eq!(image.platform.as_deref(), Some("linux/amd64"));
    assert_eq!(image.history[1].created_by, "RUN step 1 # buildkit");
    let paths: Vec<&[u8]> = image.layers[0]
        .entries
        .iter()
        .map(|entry| &*entry.path)
        .collect();
    assert_eq!(paths, [b"etc".as_slice(), b"etc/a", b"d", b"d/x", b"d/y"]);
    let EntryKind::File(content) = image.layers[0].entries[1].kind else {
        panic!("`etc/a` is a file");
    };
    assert_eq!(content.size_bytes, 100);
}

#[test]
fn both_layouts_of_an_archive_hold_the_same_image() {
    let content = |name| {
        let image = read(name).unwrap().swap_remove(0);
        let layers = image.layers.iter();
        let layers = layers.map(|layer| (layer.diff_id.clone(), layer.entries.clone()));
        (image.id, layers.collect::<Vec<_>>())
    };
    for name in [
        "overwrite.tar.gz",
        "blobs.tar.gz",
        "blobs-gzip.tar.gz",
        "plain.tar.zst",
    ] {
        assert_eq!(content(name), content("plain.tar"), "{name}");
    }
}

#[test]
fn every_image_of_the_manifest_is_read() {
    let images = read("two-images.tar.gz").unwrap();
    let tags: Vec<&str> = images.iter().map(|image| image.tags[0].as_str()).collect();
    assert_eq!(tags, ["first:1", "second:1"]);
}

#[test]
fn a_broken_archive_is_refused_with_the_place_of_the_fault() {
    let cases = [
        (
            "truncated-archive.tar.gz",
            [
                "member `0",
                "/layer.tar` cannot be read: it is cut off at byte 3000",
            ],
        ),
        (
            "truncated-layer.tar.gz",
            [
                "layer `0",
                "/layer.tar` is broken: it is cut off at byte 1200",
            ],
        ),
        (
            "wrong-digest.tar.gz",
            ["has the digest `sha256:", "but `sha256:"],
        ),
        (
            "too-few-diff-ids.tar.gz",
            ["lists 1 layers", "but `manifest.json` names 2"],
        ),
        (
            "missing-layer.tar.gz",
            ["missing-layer.tar.gz`", "`a/layer.tar` is not there"],
        ),
        (
            "symlink-loop.tar.gz",
            [
                "symlink-loop.tar.gz`",
                "`a/layer.tar` is a link that leads to itself",
            ],
        ),
    ];
    for (name, parts) in cases {
        let refusal = refusal(name);
        for part in parts {
            assert!(refusal.contains(part), "{name}: {refusal}");
        }
    }
}

#[test]
fn an_archive_cut_anywhere_is_refused_with_the_place() {
    let bytes = fs_err::read(archive("plain.tar")).unwrap();
    // The manifest, the last member, is whole before the end marker of 1024 bytes.
    let whole = bytes.len() - 1024;
    for cut in (0..whole).step_by(64) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs_err::write(file.path(), &bytes[..cut]).unwrap();
        let options = ImageOptions::default();
        for refused in [
            read_bytes(&bytes[..cut]),
            read_archive_file(file.path(), &options),
        ] {
            let refusal = chain(&refused.unwrap_err());
            let expected = format!("is cut off at byte {cut}");
            assert!(refusal.ends_with(&expected), "{cut}: {refusal}");
        }
    }
    assert_eq!(read_bytes(&bytes[..whole]).unwrap().len(), 1);
}

#[test]
fn what_is_no_archive_is_refused() {
    for (bytes, expected) in [
        (b"".as_slice(), "the archive is cut off at byte 0"),
        (
            &[0; 1024],
            "it holds neither `manifest.json` nor `index.json`",
        ),
        (
            &[b'x'; 600],
            "it holds no tar header at byte 0, where one is due",
        ),
        (b"{}", "it is cut off at byte 2"),
    ] {
        let refusal = chain(&read_bytes(bytes).unwrap_err());
        assert!(refusal.ends_with(expected), "{refusal}");
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let of = |limits| ImageOptions {
        limits,
        ..ImageOptions::default()
    };
    let limits = Limits::default();
    for (options, expected) in [
        (
            of(Limits {
                entry_count: 9,
                ..limits
            }),
            "there are more than 9 entries",
        ),
        (
            of(Limits {
                name_bytes: 99,
                ..limits
            }),
            "take more than 99 bytes",
        ),
        (
            of(Limits {
                json_bytes: 299,
                ..limits
            }),
            "more than 299 bytes of JSON",
        ),
        (
            of(Limits {
                document_bytes: 99,
                ..limits
            }),
            "is larger than 99 bytes",
        ),
    ] {
        for name in ["plain.tar", "overwrite.tar.gz"] {
            let refusal = chain(&read_archive_file(&archive(name), &options).unwrap_err());
            assert!(refusal.contains(expected), "{name}: {refusal}");
        }
    }
}
