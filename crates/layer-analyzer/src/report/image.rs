//! Writes down one image: its sums, its layers, and the lists of what stands out.

use common::report::{DiveMeasures, Finding, ImageLayers, WastedPath};
use common::units::ratio;

use super::base::{base_share, mark_base};
use super::directories;
use super::duplicates;
use super::layers::{Counted, layers};
use super::numbers::Numbers;
use super::unwanted::unwanted;
use crate::analysis::base::{self, Base};
use crate::analysis::dive;
use crate::analysis::origin::origins;
use crate::analysis::stack::stack;
use crate::analysis::waste;
use crate::model::build::BuiltTarget;
use crate::model::entry::EntryKind;
use crate::model::ignore::Ignore;
use crate::model::image::Image;
use crate::model::path;

/// Analyses one image, with lists cut at `top`, and returns with it what should not be in it.
pub(super) fn image_layers(
    image: &Image,
    target: Option<&BuiltTarget>,
    base: Option<&Image>,
    ignore: &Ignore,
    top: usize,
) -> (ImageLayers, Vec<Finding>) {
    let stack = stack(&image.layers, top);
    let numbers = Numbers::of(image, &stack, ignore, top);
    let (waste, dive) = (&numbers.waste, &numbers.dive);
    let origins = match target {
        Some(target) => origins(target, &image.history, image.layers.len()),
        None => vec![None; image.layers.len()],
    };
    let counted = Counted {
        files: &stack.layers,
        waste: &waste.layers,
        changes: &numbers.changes,
    };
    let mut layers = layers(image, &origins, &counted);
    let base = match base {
        Some(base) => Some(Base::of_image(base)),
        None => target.and_then(|target| base::base_of_target(target, &origins)),
    };
    mark_base(&mut layers, base.as_ref());
    let size_bytes = waste.live_bytes + waste.wasted_bytes;
    directories::fill(&mut layers, numbers.space);
    let mut written = ImageLayers {
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
        dive: Some(dive_measures(*dive)),
        base: base.map(|base| base_share(&base, stack.tree.contents())),
        ..entries(image)
    };
    duplicates::fill(&mut written, numbers.duplicates);
    let findings = unwanted(image, &written, &numbers.unwanted);
    (written, findings)
}

/// The part of an image that its entries tell, each on its own.
fn entries(image: &Image) -> ImageLayers {
    let entries = || image.layers.iter().flat_map(|layer| &layer.entries);
    let logical_bytes = entries().map(|entry| match entry.kind {
        EntryKind::File(content) => content.logical_bytes,
        _ => 0,
    });
    ImageLayers {
        verified: image.layers.iter().all(|layer| layer.is_verified),
        entry_count: entries().count() as u64,
        logical_bytes: logical_bytes.fold(0, u64::saturating_add),
        ..ImageLayers::default()
    }
}

fn dive_measures(measures: dive::Measures) -> DiveMeasures {
    DiveMeasures {
        efficiency_ratio: measures.efficiency_ratio,
        wasted_bytes: measures.wasted_bytes,
        user_wasted_ratio: measures.user_wasted_ratio,
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
