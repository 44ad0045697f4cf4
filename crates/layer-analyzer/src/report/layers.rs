//! Writes down the layers of one image.

use common::report::{FileChange, Layer, LayerChanges, LayerFile, Location};

use crate::analysis::changes::Changes;
use crate::analysis::history::instructions;
use crate::analysis::origin::Origin;
use crate::analysis::stack::{File, LayerFiles};
use crate::analysis::waste::LayerWaste;
use crate::model::image::Image;
use crate::model::path;

/// What the layers of an image hold, each list having one element for each of them.
pub(super) struct Counted<'a> {
    /// Their files.
    pub(super) files: &'a [LayerFiles<'a>],
    /// What they waste.
    pub(super) waste: &'a [LayerWaste],
    /// What they change.
    pub(super) changes: &'a [Changes],
}

/// The layers of an image, whose instructions come from `origins`.
pub(super) fn layers(image: &Image, origins: &[Option<Origin>], counted: &Counted) -> Vec<Layer> {
    let instructions = instructions(&image.history, image.layers.len());
    let told = instructions.into_iter().zip(origins);
    let files = counted.files.iter().zip(counted.waste).zip(counted.changes);
    let all = (0..).zip(&image.layers).zip(told).zip(files);
    all.map(
        |(((index, read), (instruction, origin)), ((files, waste), changes))| Layer {
            index,
            diff_id: read.diff_id.clone(),
            instruction: origin.as_ref().map(|it| it.text.to_owned()).or(instruction),
            stage: origin.as_ref().map(|origin| origin.stage.to_owned()),
            location: origin.as_ref().map(location),
            changes: layer_changes(changes),
            ..layer(files, *waste)
        },
    )
    .collect()
}

fn layer_changes(changes: &Changes) -> LayerChanges {
    LayerChanges {
        added_count: changes.added_count,
        added_bytes: changes.added_bytes,
        modified_count: changes.modified_count,
        modified_bytes: changes.modified_bytes,
        removed_count: changes.removed_count,
        metadata_only_count: changes.copies.map(|copies| copies.count),
        metadata_only_bytes: changes.copies.map(|copies| copies.size_bytes),
    }
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
