//! The images that are named, or those of the build reports where none is.

use common::error::CommandError;
use std::ffi::OsString;

use super::analyze::nothing_to_analyze;
use crate::cli::image::ImageArgs;
use crate::input::builds::Builds;
use crate::input::images::{LazyEngine, read_built_images, read_images};
use crate::input::source::Source;
use crate::model::build::ImageOrigin;

/// Reads images.
///
/// # Errors
///
/// None is named, neither here nor in a build report, or one cannot be read.
pub(super) fn read_named<'a>(
    images: &[OsString],
    args: &ImageArgs,
    builds: &'a Builds,
) -> Result<Vec<ImageOrigin<'a>>, CommandError> {
    if images.is_empty() && builds.report_count == 0 {
        return Err(nothing_to_analyze());
    }
    let mut engine = LazyEngine::new(args.engine.host.as_deref());
    let sources: Vec<Source> = images.iter().map(|image| Source::find(image)).collect();
    Ok(if sources.is_empty() {
        read_built_images(&builds.targets, &mut engine)?
    } else {
        read_images(&sources, &builds.targets, &mut engine)?
    })
}
