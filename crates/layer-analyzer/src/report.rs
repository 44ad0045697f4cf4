//! Writes down what was found in the images, as `common::report` has it.

mod base;
pub(crate) mod difference;
mod directories;
mod duplicates;
pub(crate) mod files;
pub(crate) mod gates;
mod image;
mod layers;
mod numbers;
pub(crate) mod rules;
mod sharing;
pub(crate) mod trace;
mod unwanted;
mod waste;

use common::report::{Finding, ImageLayers, LayerData};

use crate::model::build::ImageOrigin;
use crate::model::ignore::Ignore;
use crate::model::image::Image;

/// Analyses images, with lists cut at `top`. `base` is the image that all are based on, if one is
/// named; otherwise the targets that made them tell. Returns with them what should not be in them,
/// without the paths to `ignore`.
pub(crate) fn layer_data(
    images: &[ImageOrigin<'_>],
    base: Option<&Image>,
    ignore: &Ignore,
    top: usize,
) -> (LayerData, Vec<Finding>) {
    let images = images.iter().map(|(image, target)| {
        let (layers, findings) = image::image_layers(image, *target, base, ignore, top);
        (sharing::with_identities(layers, image), findings)
    });
    let (images, findings): (Vec<ImageLayers>, Vec<Vec<Finding>>) = images.unzip();
    let data = LayerData {
        sharing: sharing::set_sharing(&images),
        images,
        ..LayerData::default()
    };
    (data, findings.concat())
}

/// What a reader of the report should look at besides.
pub(crate) fn findings(data: &LayerData) -> Vec<Finding> {
    let wasted = data.images.iter().filter_map(waste::wasted_bytes);
    let copies = data.images.iter().flat_map(waste::metadata_copies);
    wasted.chain(copies).collect()
}
