//! The archives of testdata/archives, from file to report. Every number is worked out by hand from
//! the lists in `make_archives.py`.

use std::path::PathBuf;

use common::report::{ImageLayers, Severity};

use super::*;
use crate::input::source::{ImageOptions, read_archive_file};
use crate::model::image::Image;
use common::report::LayerData;

fn images(name: &str) -> Vec<ImageLayers> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("testdata/archives").join(name);
    let images = read_archive_file(&path, &ImageOptions::default()).unwrap();
    layer_data(
        &images
            .into_iter()
            .map(|image| (image, None))
            .collect::<Vec<_>>(),
        None,
        &Ignore::default(),
        10,
    )
    .0
    .images
}

fn image(name: &str) -> ImageLayers {
    images(&format!("{name}.tar.gz")).swap_remove(0)
}

#[test]
fn every_trap_is_counted_right() {
    // Name, stored bytes, wasted bytes, files that a container sees.
    let cases = [
        ("overwrite", 640, 100, 3),
        ("delete-file", 600, 100, 2),
        ("delete-directory", 600, 500, 1),
        ("delete-and-recreate", 607, 500, 2),
        ("opaque-last", 609, 500, 2),
        ("whiteout-of-nothing", 640, 100, 3),
        ("whiteout-without-name", 640, 100, 3),
        ("whiteout-with-link-name", 600, 200, 2),
        ("aufs-metadata", 600, 0, 3),
        ("file-becomes-directory", 601, 100, 3),
        ("directory-becomes-file", 610, 500, 2),
        ("directory-becomes-symlink", 600, 500, 1),
        ("opaque-over-symlink", 65, 0, 2),
        ("hard-link-survives", 100, 0, 1),
        ("hard-link-all-gone", 103, 100, 1),
        ("hard-link-to-lower-layer", 600, 0, 3),
        ("same-path-twice", 130, 100, 1),
        ("not-utf8", 30, 0, 2),
        ("prefixes", 60, 10, 2),
        ("long-names", 30, 10, 1),
        ("global-pax-header", 10, 0, 1),
        ("dot-slash-members", 600, 0, 3),
        ("empty-layers", 600, 0, 3),
        ("gzip-in-legacy", 600, 0, 3),
        ("blobs", 640, 100, 3),
        ("blobs-gzip", 640, 100, 3),
        ("blobs-same-layer-twice", 680, 140, 3),
        ("symlinked-layer", 1240, 640, 3),
    ];
    for (name, size_bytes, wasted_bytes, file_count) in cases {
        let found = image(name);
        let counted = (found.size_bytes, found.wasted_bytes, found.file_count);
        assert_eq!(counted, (size_bytes, wasted_bytes, file_count), "{name}");
        assert_eq!(found.live_bytes, size_bytes - wasted_bytes, "{name}");
    }
}

#[test]
fn names_that_are_not_text_stay_apart() {
    let layer = image("not-utf8").layers.swap_remove(0);
    let paths: Vec<String> = layer
        .largest_files
        .into_iter()
        .map(|file| file.path)
        .collect();
    assert_eq!(paths, ["f\\xfe", "f\\xff"]);
}

#[test]
fn an_instruction_is_told_only_by_a_history_that_fits() {
    let told = |name| image(name).layers.swap_remove(0).instruction;
    assert_eq!(told("overwrite").as_deref(), Some("RUN step 0"));
    assert_eq!(told("history-too-long"), None);
    assert_eq!(told("history-missing"), None);
}

#[test]
fn an_image_without_bytes_wastes_none() {
    let empty = Image {
        name: "empty".to_owned(),
        id: String::new(),
        engine_id: None,
        tags: Vec::new(),
        platform: None,
        settings: serde_json::Value::Null,
        created: None,
        history: Vec::new(),
        layers: Vec::new(),
    };
    let found = layer_data(&[(empty, None)], None, &Ignore::default(), 10)
        .0
        .images
        .swap_remove(0);
    assert!((found.efficiency_ratio - 1.0).abs() < f64::EPSILON);
    assert_eq!(found.wasted_bytes, 0);
}

#[test]
fn much_waste_is_a_finding_that_names_the_worst_path() {
    let mut much = image("overwrite");
    (much.size_bytes, much.wasted_bytes) = (15_000_000, 1_500_000);
    much.wasted_paths[0].wasted_bytes = 1_200_000;
    let mut little = much.clone();
    little.size_bytes = 30_000_000;
    let found = other_findings(&LayerData {
        images: vec![little, much],
        ..LayerData::default()
    });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Warning);
    assert_eq!(
        found[0].message,
        "1.50 MB are stored that no container sees, 1.20 MB of them in `etc/a` (layers 0, 1)"
    );
    assert_eq!(found[0].saving.unwrap().size_bytes, Some(1_500_000));
}

#[test]
fn a_layer_that_only_changes_owners_is_a_finding() {
    let mut image = image("overwrite");
    image.layers[1].changes.metadata_only_bytes = Some(1_500_000);
    image.layers[1].changes.metadata_only_count = Some(40);
    image.layers[0].changes.metadata_only_bytes = Some(1_000_000);
    image.layers[0].changes.metadata_only_count = Some(1);
    let found = other_findings(&LayerData {
        images: vec![image],
        ..LayerData::default()
    });
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].message,
        "layer 1 stores 1.50 MB of 40 files again, of which only owners, permissions, times or \
         attributes may have changed"
    );
    assert_eq!(found[0].saving.unwrap().size_bytes, Some(1_500_000));
}
