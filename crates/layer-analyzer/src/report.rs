//! Writes down what was found in the images, as `common::report` has it.

mod directories;

use common::report::{
    FileChange, Finding, ImageLayers, Layer, LayerData, LayerFile, Location, Saving, Severity,
    WastedPath,
};
use common::units::{format_bytes, ratio};

use crate::analysis::history::instructions;
use crate::analysis::origin::{Origin, origins};
use crate::analysis::stack::{File, LayerFiles, Stack, stack};
use crate::analysis::waste::{self, LayerWaste, waste};
use crate::model::build::{BuiltTarget, ImageOrigin};
use crate::model::image::Image;
use crate::model::path;

/// The rule of the finding about an image that wastes bytes.
const WASTED_BYTES_RULE: &str = "wasted-bytes";

/// How much an image may waste without a finding, in bytes.
///
/// Chosen: package databases that every installation rewrites stay below.
const WASTED_BYTES_MAX: u64 = 1_000_000;

/// How much of an image may be wasted without a finding.
///
/// Chosen: half of what dive's default gate lets pass (`highestUserWastedPercent` of 0.1).
const WASTED_RATIO_MAX: f64 = 0.05;

/// Analyses images, with lists cut at `top`.
pub(crate) fn layer_data(images: &[ImageOrigin<'_>], top: usize) -> LayerData {
    let images = images
        .iter()
        .map(|(image, target)| image_layers(image, *target, top));
    LayerData {
        images: images.collect(),
        ..LayerData::default()
    }
}

/// What a reader of the report should look at.
pub(crate) fn findings(data: &LayerData) -> Vec<Finding> {
    data.images.iter().filter_map(wasted_bytes).collect()
}

fn image_layers(image: &Image, target: Option<&BuiltTarget>, top: usize) -> ImageLayers {
    let stack = stack(&image.layers, top);
    let waste = waste(&stack.tree, image.layers.len(), top);
    let size_bytes = waste.live_bytes + waste.wasted_bytes;
    let mut layers = layers(image, target, &stack, &waste.layers);
    directories::fill(&mut layers, &stack, top);
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
        layers,
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
        wasted: false,
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

fn wasted_bytes(image: &ImageLayers) -> Option<Finding> {
    let wasted_ratio = ratio(image.wasted_bytes, image.size_bytes).unwrap_or(0.0);
    let is_much = image.wasted_bytes > WASTED_BYTES_MAX && wasted_ratio > WASTED_RATIO_MAX;
    let worst = image.wasted_paths.first();
    let most = worst.map(|worst| {
        let layers: Vec<String> = worst.layers.iter().map(u32::to_string).collect();
        let plural = if layers.len() == 1 { "" } else { "s" };
        let size = format_bytes(worst.wasted_bytes);
        format!(
            ", {size} of them in `{}` (layer{plural} {})",
            worst.path,
            layers.join(", ")
        )
    });
    let stored_by = worst.and_then(|worst| image.layers.get(*worst.layers.first()? as usize));
    is_much.then(|| Finding {
        rule: WASTED_BYTES_RULE.to_owned(),
        severity: Severity::Warning,
        message: format!(
            "{} are stored that no container sees{}",
            format_bytes(image.wasted_bytes),
            most.unwrap_or_default()
        ),
        advice: Some("delete or change files in the instruction that makes them".to_owned()),
        location: stored_by.and_then(|layer| layer.location.clone()),
        subject: Some(image.name.clone()),
        saving: Some(Saving {
            duration_ms: None,
            size_bytes: Some(image.wasted_bytes),
        }),
    })
}
