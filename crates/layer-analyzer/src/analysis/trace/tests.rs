//! Images and stages by hand. A file's content is a letter; equal letters are equal contents.

use std::sync::Arc;

use super::*;
use crate::model::build::{Instruction, Stage, StageImage};
use crate::model::entry::{Entry, EntryKind, FileContent};
use crate::model::image::{HistoryEntry, Layer};
use crate::model::path::to_text;

/// A stage: its index, what it is called, the stage or image that it starts from, instructions from
/// line 10 times the index plus 1.
fn stage(index: u32, base: Result<u32, &str>, texts: &[&str]) -> Stage {
    let instruction = |(line, text): (u32, &&str)| Instruction {
        keyword: text.split(' ').next().unwrap().to_owned(),
        text: (*text).to_owned(),
        line,
    };
    Stage {
        index,
        label: ["deps", "build", "final"][index as usize].to_owned(),
        base: base.ok(),
        base_image: base
            .err()
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
        dockerfile_path: "Dockerfile".to_owned(),
        instructions: (index * 10 + 1..).zip(texts).map(instruction).collect(),
    }
}

fn file(path: &str, content: char, size_bytes: u64) -> Entry {
    let content = FileContent {
        size_bytes,
        logical_bytes: size_bytes,
        digest: Some([content as u8; 32]),
    };
    Entry::of(path, EntryKind::File(content))
}

/// An image of layers with what the history says of each.
fn image(layers: Vec<(&str, Vec<Entry>)>) -> Image {
    let history = layers.iter().map(|(created_by, _)| HistoryEntry {
        created_by: (*created_by).to_owned(),
        is_empty_layer: false,
    });
    Image {
        name: String::new(),
        id: String::new(),
        engine_id: None,
        tags: Vec::new(),
        platform: None,
        settings: serde_json::Value::Null,
        created: None,
        history: history.collect(),
        layers: layers
            .into_iter()
            .map(|(_, entries)| Arc::new(Layer::of(entries)))
            .collect(),
    }
}

/// What made each part of the image of the last stage, given the images of stages by index.
fn traced(stages: Vec<Stage>, last: &Image, images: Vec<(u32, Image)>) -> Vec<String> {
    let target = BuiltTarget {
        name: "app".to_owned(),
        image_id: String::new(),
        tags: Vec::new(),
        stages,
        stage_images: images
            .iter()
            .map(|(stage, _)| StageImage {
                stage: *stage,
                image_id: stage.to_string(),
            })
            .collect(),
    };
    let images = images.into_iter();
    let images = images
        .map(|(stage, image)| (stage.to_string(), image))
        .collect();
    let shown = |traced: Traced| {
        let maker = match (traced.maker.stage, traced.maker.line) {
            (Some(stage), Some(line)) => format!("{stage} {}", line.line),
            _ => traced.maker.text,
        };
        let largest = traced.files.largest.iter().map(|(_, path)| to_text(path));
        let through = traced.through.iter().map(|line| line.line.to_string());
        format!(
            "{maker}: {} in {} ({}) through {}",
            traced.files.size_bytes,
            traced.files.file_count,
            largest.collect::<Vec<_>>().join(" "),
            through.collect::<Vec<_>>().join(" ")
        )
    };
    trace(last, &target, &images)
        .into_iter()
        .map(shown)
        .collect()
}

#[test]
fn bytes_are_traced_through_stages_to_the_line_that_made_them() {
    let stages = vec![
        stage(0, Err(""), &["RUN npm ci"]),
        stage(
            1,
            Err("debian:12"),
            &["COPY --from=deps /m /app/m", "RUN make"],
        ),
        stage(
            2,
            Err(""),
            &["WORKDIR /srv", "COPY --from=BUILD /app .", "COPY own /own"],
        ),
    ];
    let deps = image(vec![(
        "RUN npm ci",
        vec![file("m/a", 'a', 100), file("m/b", 'b', 20)],
    )]);
    let build = image(vec![
        ("ADD rootfs /", vec![file("lib/c", 'c', 7)]),
        (
            "COPY /m /app/m",
            vec![file("app/m/a", 'a', 100), file("app/m/b", 'b', 20)],
        ),
        (
            "RUN make",
            vec![
                file("app/out", 'o', 50),
                file("app/m/b", 'x', 30),
                file("app/c", 'c', 7),
            ],
        ),
    ]);
    let last = image(vec![
        ("WORKDIR /srv", vec![]),
        (
            "COPY /app .",
            vec![
                file("srv/m/a", 'a', 100),
                file("srv/m/b", 'x', 30),
                file("srv/out", 'o', 50),
                file("srv/c", 'c', 7),
                file("srv/empty", 'e', 0),
            ],
        ),
        ("COPY own /own", vec![file("own", 'a', 100)]),
    ]);
    assert_eq!(
        traced(stages, &last, vec![(0, deps), (1, build)]),
        [
            "deps 1: 100 in 1 (srv/m/a) through 22 11",
            // The same content as that of `npm ci`, but from the context.
            "final 23: 100 in 1 (own) through ",
            "build 12: 87 in 3 (srv/out srv/m/b srv/c) through 22",
            "final 22: 0 in 1 (srv/empty) through ",
        ]
    );
}

/// A stage of line 1 and one of line 21 that takes from it, as images.
fn two(made: &[&str], takes: &str, first: Image, last: Vec<Entry>) -> Vec<String> {
    let stages = vec![
        stage(0, Err("debian:12"), made),
        stage(2, Err(""), &[takes]),
    ];
    traced(stages, &image(vec![(takes, last)]), vec![(0, first)])
}

#[test]
fn of_equal_contents_the_one_that_the_instruction_names_is_taken() {
    let first = || {
        image(vec![
            ("RUN a", vec![file("a/x", 'x', 10), file("c/z", 'x', 10)]),
            ("RUN b", vec![file("b/x", 'x', 10), file("b/y", 'x', 10)]),
        ])
    };
    let maker = |takes: &str, path: &str| {
        two(
            &["RUN a", "RUN b"],
            takes,
            first(),
            vec![file(path, 'x', 10)],
        )
        .remove(0)
    };
    assert!(maker("COPY --from=0 /b /srv", "srv/x").starts_with("deps 2:"));
    assert!(maker("COPY --from=0 /a /srv", "srv/x").starts_with("deps 1:"));
    // Where a variable hides the path the name decides, and else the first.
    assert!(maker("COPY --from=0 /b/y $D/", "srv/y").starts_with("deps 2:"));
    assert!(maker("COPY --from=0 /b/y $D", "srv").starts_with("deps 1:"));
}

#[test]
fn what_a_run_moves_or_gives_to_another_owner_is_not_made_by_it() {
    let gone = |path| Entry::of(path, EntryKind::Whiteout);
    let first = image(vec![
        (
            "RUN a",
            vec![file("a", 'a', 10), file("b", 'b', 20), file("c", 'c', 40)],
        ),
        (
            "RUN chown",
            vec![file("a", 'a', 10), file("new", 'b', 20), gone("b")],
        ),
        // A copy is stored beside what it was made of.
        ("RUN cp", vec![file("a", 'a', 10), file("copy", 'c', 40)]),
    ]);
    let last = vec![
        file("s/a", 'a', 10),
        file("s/new", 'b', 20),
        file("s/copy", 'c', 40),
    ];
    let made = ["RUN a", "RUN chown", "RUN cp"];
    assert_eq!(
        two(&made, "COPY --from=deps / /s", first, last),
        [
            "deps 3: 40 in 1 (s/copy) through 21",
            "deps 1: 30 in 2 (s/new s/a) through 21",
        ]
    );
}

#[test]
fn a_mount_is_traced_by_content_and_what_else_a_run_makes_is_its_own() {
    let first = image(vec![("RUN a", vec![file("a", 'a', 10)])]);
    let takes = "RUN --mount=from=deps,target=/m cp /m/a /b && make";
    assert_eq!(
        two(
            &["RUN a"],
            takes,
            first,
            vec![file("b", 'a', 10), file("c", 'c', 5)]
        ),
        [
            "deps 1: 10 in 1 (b) through 21",
            "final 21: 5 in 1 (c) through "
        ]
    );
}

#[test]
fn what_comes_from_outside_is_told_by_the_images_name() {
    let stages = vec![
        stage(0, Err("debian:12"), &["RUN a"]),
        stage(
            2,
            Err("alpine:3"),
            &["COPY --from=nginx:1 /n /n", "COPY --from=deps /lib /"],
        ),
    ];
    let deps = image(vec![
        ("ADD rootfs /", vec![file("lib/d", 'd', 4)]),
        ("RUN a", vec![]),
    ]);
    let last = image(vec![
        ("ADD rootfs /", vec![file("alpine", 'a', 1)]),
        ("COPY /n /n", vec![file("n", 'n', 2)]),
        ("COPY /lib /", vec![file("d", 'd', 4), file("lost", 'l', 8)]),
    ]);
    assert_eq!(
        traced(stages, &last, vec![(0, deps)]),
        [
            "final 22: 8 in 1 (lost) through ",
            "debian:12: 4 in 1 (d) through 22",
            "nginx:1: 2 in 1 (n) through 21",
            "alpine:3: 1 in 1 (alpine) through ",
        ]
    );
}

#[test]
fn a_history_that_does_not_fit_names_no_line() {
    let stages = vec![
        stage(0, Err(""), &["RUN a"]),
        stage(2, Err(""), &["COPY --from=deps / /"]),
    ];
    let deps = image(vec![("RUN a", vec![file("a", 'a', 10)])]);
    let last = image(vec![("ADD a /", vec![file("a", 'a', 10)])]);
    assert_eq!(
        traced(stages, &last, vec![(0, deps)]),
        ["ADD a /: 10 in 1 (a) through "]
    );
}

#[test]
fn names_of_one_file_are_counted_and_its_bytes_once() {
    let link = |path, target: &str| {
        let target = target.as_bytes().into();
        Entry::of(path, EntryKind::HardLink { target })
    };
    let first = image(vec![("RUN a", vec![file("a", 'a', 10)])]);
    let last = vec![file("z", 'a', 10), link("b", "z")];
    assert_eq!(
        two(&["RUN a"], "COPY --from=deps / /", first, last),
        ["deps 1: 10 in 2 (b) through 21"]
    );
}
