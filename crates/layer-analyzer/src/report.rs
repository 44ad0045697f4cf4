//! Writes down what was found in the images, as `common::report` has it.

mod image;
mod unwanted;
mod waste;

use common::report::{Finding, ImageLayers, LayerData};

use crate::model::build::ImageOrigin;
use crate::model::ignore::Ignore;

/// Analyses images, with lists cut at `top`, and returns with them what should not be in them,
/// without the paths to `ignore`.
pub(crate) fn layer_data(
    images: &[ImageOrigin<'_>],
    ignore: &Ignore,
    top: usize,
) -> (LayerData, Vec<Finding>) {
    let images = images
        .iter()
        .map(|(image, target)| image::image_layers(image, *target, ignore, top));
    let (images, findings): (Vec<ImageLayers>, Vec<Vec<Finding>>) = images.unzip();
    let data = LayerData {
        images,
        ..LayerData::default()
    };
    (data, findings.concat())
}

/// What a reader of the report should look at besides.
pub(crate) fn findings(data: &LayerData) -> Vec<Finding> {
    data.images.iter().filter_map(waste::wasted_bytes).collect()
}
