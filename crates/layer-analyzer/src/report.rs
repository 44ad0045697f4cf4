//! Writes down what was found in the images, as `common::report` has it.

mod image;
mod waste;

use common::report::{Finding, LayerData};

use crate::model::build::ImageOrigin;

/// Analyses images, with lists cut at `top`.
pub(crate) fn layer_data(images: &[ImageOrigin<'_>], top: usize) -> LayerData {
    let images = images
        .iter()
        .map(|(image, target)| image::image_layers(image, *target, top));
    LayerData {
        images: images.collect(),
        ..LayerData::default()
    }
}

/// What a reader of the report should look at.
pub(crate) fn findings(data: &LayerData) -> Vec<Finding> {
    data.images.iter().filter_map(waste::wasted_bytes).collect()
}
