//! Writes down one image: its sums, its layers, and the lists of what stands out.

use common::report::{FileChange, ImageLayers, Layer, LayerFile, Location, WastedPath};
use common::units::ratio;

use crate::analysis::history::instructions;
use crate::analysis::origin::{Origin, origins};
use crate::analysis::stack::{File, LayerFiles, Stack, stack};
use crate::analysis::waste::{self, LayerWaste, waste};
use crate::model::build::BuiltTarget;
use crate::model::image::Image;
use crate::model::path;

/// Analyses one image, with lists cut at `top`.
pub(super) fn image_layers(image: &Image, target: Option<&BuiltTarget>, top: usize) -> ImageLayers {
    let stack = stack(&image.layers, top);
    let waste = waste(&stack.tree, image.layers.len(), top);
    let size_bytes = waste.live_bytes + waste.wasted_bytes;
    ImageLayers {
        name: image.name.clone(),
        id: image.id.clone(),
        tags: image.tags.clone(),
        platform: image.platform.clone(),
        target: target.map(|target| target.name.clone()),
        size_bytes,
        live_bytes: waste.live_bytes,
        wasted_bytes: waste.wasted_bytes,
        efficiency_ratio: ratio(waste.live_bytes, size_bytes).unwrap_or(1.0),
        file_count: stack.tree.file_count(),
        layers: layers(image, target, &stack, &waste.layers),
        wasted_paths: waste.paths.iter().map(wasted_path).collect(),
        wasted_paths_omitted: waste.paths_omitted,
        ..ImageLayers::default()
    }
}

fn layers(
    image: &Image,
    target: Option<&BuiltTarget>,
    stack: &Stack,
    waste: &[LayerWaste],
) -> Vec<Layer> {
    let instructions = instructions(&image.history, image.layers.len());
    let origins = match target {
        Some(target) => origins(target, &image.history, image.layers.len()),
        None => vec![None; instructions.len()],
    };
    let told = instructions.into_iter().zip(origins);
    let counted = stack.layers.iter().zip(waste);
    let all = (0..).zip(&image.layers).zip(told).zip(counted);
    all.map(
        |(((index, read), (instruction, origin)), (files, waste))| Layer {
            index,
            diff_id: read.diff_id.clone(),
            instruction,
            stage: origin.as_ref().map(|origin| origin.stage.to_owned()),
            location: origin.as_ref().map(location),
            ..layer(files, *waste)
        },
    )
    .collect()
}

/// The part of a layer that its files tell.
fn layer(files: &LayerFiles, waste: LayerWaste) -> Layer {
    Layer {
        size_bytes: files.size_bytes,
        file_count: files.file_count,
        overwritten_bytes: waste.overwritten_bytes,
        deleted_bytes: waste.deleted_bytes,
        wasted_bytes: waste.wasted_bytes,
        largest_files: files.largest.iter().map(layer_file).collect(),
        ..Layer::default()
    }
}

fn location(origin: &Origin) -> Location {
    Location {
        path: origin.path.to_owned(),
        line: origin.line,
    }
}

fn layer_file(file: &File) -> LayerFile {
    LayerFile {
        path: path::to_text(file.path),
        size_bytes: file.size_bytes,
        change: if file.replaces {
            FileChange::Modified
        } else {
            FileChange::Added
        },
    }
}

fn wasted_path(wasted: &waste::WastedPath) -> WastedPath {
    WastedPath {
        path: path::to_text(wasted.path),
        wasted_bytes: wasted.wasted_bytes,
        copy_count: wasted.copy_count,
        deleted: wasted.is_deleted,
        layers: wasted.layers.clone(),
    }
}
