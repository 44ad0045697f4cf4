//! Layers in every compression, whole and broken.

use std::io::Write;

use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::input::limits::{Budget, Limits};
use crate::input::testdata::{files, read};
use crate::model::image::Image;

fn image(name: &str) -> Image {
    read(&format!("archives/{name}")).unwrap().swap_remove(0)
}

#[test]
fn every_compression_has_the_same_content() {
    for (name, compression) in [
        ("layer-zstd", "zstd"),
        ("layer-zstd-frames", "zstd"),
        ("layer-gzip-members", "gzip"),
        ("layer-gzip-zeros", "gzip"),
        ("layer-gzip-fields", "gzip"),
    ] {
        let image = image(name);
        assert_eq!(files(&image), [("etc/a".to_owned(), 100)], "{name}");
        assert_eq!(
            image.layers[0].blob.compression,
            Some(compression),
            "{name}"
        );
        assert!(image.layers[0].is_verified);
    }
}

#[test]
fn what_estargz_adds_is_no_file_of_the_image() {
    let users = [
        ("etc/a".to_owned(), 100),
        ("etc/.no.prefetch.landmark".to_owned(), 1),
    ];
    assert_eq!(files(&image("layer-estargz")), users);
    // Without the footer these are files like others.
    let others = [
        (".no.prefetch.landmark".to_owned(), 1),
        ("stargz.index.json".to_owned(), 26),
    ];
    assert_eq!(files(&image("layer-no-estargz")), [users, others].concat());
}

#[test]
fn broken_compression_is_refused_with_the_place() {
    for (name, expected) in [
        ("layer-gzip-cut", "the gzip data is cut off at byte 60"),
        ("layer-gzip-garbage", "the gzip data is malformed at byte "),
        (
            "layer-gzip-checksum",
            "the gzip data has another checksum at byte ",
        ),
        ("layer-zstd-cut", "the zstd data is cut off at byte "),
        ("layer-zstd-window", "the zstd data at byte "),
        (
            "layer-bzip2",
            "it is compressed with bzip2, which is not read",
        ),
        ("layer-xz", "it is compressed with xz, which is not read"),
    ] {
        let refusal = read(&format!("archives/{name}")).unwrap_err();
        assert!(
            refusal.starts_with("layer `blobs/sha256/"),
            "{name}: {refusal}"
        );
        assert!(refusal.contains(expected), "{name}: {refusal}");
    }
}

/// A gzip of empty files without end, as far as the test needs it.
fn bomb(entry_count: usize) -> Vec<u8> {
    let mut header = [0; 512];
    header[0] = b'f';
    header[124..135].copy_from_slice(b"00000000000");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..entry_count {
        encoder.write_all(&header).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn a_bomb_of_entries_ends_at_the_limit() {
    let bytes = bomb(100_000);
    for depth in [Depth::Structure, Depth::Content] {
        let limits = Limits {
            entry_count: 1000,
            ..Limits::default()
        };
        let budget = &Budget::new(limits);
        let refused = read_layer(Stream(bytes.as_slice()), Reading { depth, budget });
        let expected = "there are more than 1000 entries, which is the limit";
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
}

proptest! {
    #[test]
    fn any_compressed_bytes_are_a_layer_or_an_error(
        magic in prop::sample::select(vec![
            b"\x1f\x8b\x08\x00".as_slice(), b"\x1f\x8b\x08\x1f", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..512),
    ) {
        let (depth, budget) = (Depth::Content, &Budget::default());
        let bytes = [magic, &bytes].concat();
        let _ = read_layer(Stream(bytes.as_slice()), Reading { depth, budget });
    }
}
