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
fn traced(stages: Vec<Stage>, last: Image, images: Vec<(u32, Image)>) -> Vec<String> {
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
    trace(&last, &target, &images)
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
        traced(stages, last, vec![(0, deps), (1, build)]),
        [
            "deps 1: 100 in 1 (srv/m/a) through 22 11",
            // The same content as that of `npm ci`, but from the context.
            "final 23: 100 in 1 (own) through ",
            "build 12: 87 in 3 (srv/out srv/m/b srv/c) through 22",
            "final 22: 0 in 1 (srv/empty) through ",
        ]
    );
}
