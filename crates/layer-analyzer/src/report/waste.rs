//! The findings about images that waste bytes, and layers that only copy them.

use common::report::{Finding, ImageLayers, Layer, Saving, Severity};
use common::units::{format_bytes, format_count, ratio};

use crate::analysis::rules::{METADATA_COPY, WASTED_BYTES};

/// How much an image may waste, and a layer copy, without a finding, in bytes.
///
/// Chosen: package databases that every installation rewrites stay below.
const WASTED_BYTES_MAX: u64 = 1_000_000;

/// How much of an image may be wasted without a finding.
///
/// Chosen: half of what dive's default gate lets pass (`highestUserWastedPercent` of 0.1).
const WASTED_RATIO_MAX: f64 = 0.05;

/// What is said of an image that wastes much.
pub(super) fn wasted_bytes(image: &ImageLayers) -> Option<Finding> {
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
        rule: WASTED_BYTES.id.to_owned(),
        severity: Severity::Warning,
        message: format!(
            "{} are stored that no container sees{}",
            format_bytes(image.wasted_bytes),
            most.unwrap_or_default()
        ),
        advice: Some(WASTED_BYTES.advice.to_owned()),
        location: stored_by.and_then(|layer| layer.location.clone()),
        subject: Some(image.name.clone()),
        saving: Some(Saving {
            duration_ms: None,
            size_bytes: Some(image.wasted_bytes),
        }),
    })
}

/// What is said of the layers that store much again of which only metadata changed.
pub(super) fn metadata_copies(image: &ImageLayers) -> impl Iterator<Item = Finding> {
    image
        .layers
        .iter()
        .filter_map(|layer| metadata_copy(image, layer))
}

fn metadata_copy(image: &ImageLayers, layer: &Layer) -> Option<Finding> {
    let size_bytes = layer.changes.metadata_only_bytes?;
    let files = format_count(layer.changes.metadata_only_count?, "file");
    (size_bytes > WASTED_BYTES_MAX).then(|| Finding {
        rule: METADATA_COPY.id.to_owned(),
        severity: Severity::Warning,
        message: format!(
            "layer {} stores {} of {files} again, of which only owners, permissions, times or \
             attributes may have changed",
            layer.index,
            format_bytes(size_bytes),
        ),
        advice: Some(METADATA_COPY.advice.to_owned()),
        location: layer.location.clone(),
        subject: Some(image.name.clone()),
        saving: Some(Saving {
            duration_ms: None,
            size_bytes: Some(size_bytes),
        }),
    })
}
