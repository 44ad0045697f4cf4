//! Writes down what was found in the images, as `common::report` has it.

mod image;
mod sharing;
mod waste;

use common::report::{Finding, ImageLayers, LayerData};

use crate::model::build::ImageOrigin;

/// Analyses images, with lists cut at `top`.
pub(crate) fn layer_data(images: &[ImageOrigin<'_>], top: usize) -> LayerData {
    let images: Vec<ImageLayers> = images
        .iter()
        .map(|(image, target)| {
            sharing::with_identities(image::image_layers(image, *target, top), image)
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
    data.images.iter().filter_map(waste::wasted_bytes).collect()
}
