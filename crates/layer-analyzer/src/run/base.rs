//! The base image that `--base` names.

use common::error::CommandError;
use std::ffi::OsStr;

use crate::analysis::base::common_layer_count;
use crate::input::images::{LazyEngine, read_images};
use crate::input::source::Source;
use crate::model::build::ImageOrigin;
use crate::model::image::Image;
use crate::model::path;

/// Reads the base image, and makes sure that all images are based on it.
///
/// # Errors
///
/// It cannot be read, is not one image, or its layers are not the lowest of some image.
pub(super) fn read_base(
    name: &OsStr,
    images: &[ImageOrigin],
    engine: &mut LazyEngine,
) -> Result<Image, CommandError> {
    let mut found = read_images(&[Source::find(name)], &[], engine)?;
    let (Some((base, _)), true) = (found.pop(), found.is_empty()) else {
        let name = path::to_text(name.as_encoded_bytes());
        return Err(CommandError::input(format!(
            "base `{name}` is not one image"
        )));
    };
    for (image, _) in images {
        check(&base, image)?;
    }
    Ok(base)
}

fn check(base: &Image, image: &Image) -> Result<(), CommandError> {
    let common = common_layer_count(base, image);
    let Some(other) = base.layers.get(common) else {
        return Ok(());
    };
    let message = format!("`{}` is not based on `{}`", image.name, base.name);
    let hint = match image.layers.get(common) {
        Some(own) => format!(
            "layer {common} of the base is {}, and of the image {}",
            other.diff_id, own.diff_id
        ),
        None => format!(
            "the base has {} layers, and the image the lowest {common} of them",
            base.layers.len()
        ),
    };
    Err(CommandError::input(message).hint(hint))
}
