//! Writes down which instructions made an image's bytes.

use common::report::{LayerData, Location, TracedBytes};

use crate::analysis::trace::{Line, Traced, trace};
use crate::model::build::{ImageOrigin, StageImages};
use crate::model::path;

/// Traces the bytes of all `images` whose stages are known; `data` is about the same images.
pub(crate) fn add_traced(data: &mut LayerData, images: &[ImageOrigin<'_>], stages: &StageImages) {
    for (layers, (image, target)) in data.images.iter_mut().zip(images) {
        let traced = target.map_or_else(Vec::new, |target| trace(image, target, stages));
        layers.traced = traced.into_iter().map(traced_bytes).collect();
    }
}

fn traced_bytes(traced: Traced) -> TracedBytes {
    let largest = traced.files.largest.iter();
    TracedBytes {
        stage: traced.maker.stage,
        location: traced.maker.line.map(location),
        instruction: traced.maker.text,
        size_bytes: traced.files.size_bytes,
        file_count: traced.files.file_count,
        largest_paths: largest.map(|(_, path)| path::to_text(path)).collect(),
        through: traced.through.into_iter().map(location).collect(),
    }
}

fn location(line: Line) -> Location {
    Location {
        path: line.path,
        line: line.line,
    }
}
