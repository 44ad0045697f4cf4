//! The images that are named, or those of the build reports where none is.

use common::cli::InputArgs;
use common::error::CommandError;
use common::terminal::Printer;
use std::ffi::OsString;

use super::analyze::nothing_to_analyze;
use super::sources::{image_options, receive, warn_unverified};
use crate::cli::image::ImageArgs;
use crate::input::builds::Builds;
use crate::input::images::{LazyEngine, read_built_images, read_images};
use crate::input::source::Source;
use crate::model::build::ImageOrigin;

/// Reads images, and hands them to `body`, which reports borrow from.
///
/// # Errors
///
/// None is named, neither here nor in a build report, or one cannot be read.
pub(super) fn with_images(
    images: &[OsString],
    args: &ImageArgs,
    input: &InputArgs,
    printer: &Printer,
    body: impl FnOnce(&[ImageOrigin]) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let sources: Vec<Source> = images.iter().map(|image| Source::find(image)).collect();
    let options = image_options(args)?;
    let received = receive(input, &sources, printer)?;
    let builds = Builds::from_received(&received)?;
    if images.is_empty() && builds.report_count == 0 {
        return Err(nothing_to_analyze());
    }
    let mut engine = LazyEngine::new(args.engine.host.as_deref(), &options);
    let images = if sources.is_empty() {
        read_built_images(&builds.targets, &mut engine)?
    } else {
        read_images(&sources, &builds.targets, &mut engine)?
    };
    warn_unverified(&images, &options, printer);
    body(&images)
}
