//! Writes down what was found in the images, as `common::report` has it.

mod base;
pub(crate) mod difference;
mod duplicates;
pub(crate) mod files;
pub(crate) mod gates;
mod image;
mod layers;
pub(crate) mod rules;
mod sharing;
pub(crate) mod trace;
mod waste;

use common::report::{Finding, ImageLayers, LayerData};

use crate::model::build::ImageOrigin;
use crate::model::image::Image;

/// Analyses images, with lists cut at `top`. `base` is the image that all are based on, if one is
/// named; otherwise the targets that made them tell.
pub(crate) fn layer_data(
    images: &[ImageOrigin<'_>],
    base: Option<&Image>,
    top: usize,
) -> LayerData {
    let images: Vec<ImageLayers> = images
        .iter()
        .map(|(image, target)| {
            sharing::with_identities(image::image_layers(image, *target, base, top), image)
        })
        .collect();
    LayerData {
        sharing: sharing::set_sharing(&images),
        images,
        ..LayerData::default()
    }
}

/// What a reader of the report should look at.
pub(crate) fn findings(data: &LayerData) -> Vec<Finding> {
    let wasted = data.images.iter().filter_map(waste::wasted_bytes);
    let copies = data.images.iter().flat_map(waste::metadata_copies);
    wasted.chain(copies).collect()
}
