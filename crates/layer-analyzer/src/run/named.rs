//! The images that are named, or those of the build reports where none is.

use common::cli::InputArgs;
use common::error::CommandError;
use common::terminal::Printer;
use std::ffi::OsString;

use super::sources::{image_options, read_asked_images, receive, warn_unverified};
use crate::cli::image::ImageArgs;
use crate::input::builds::Builds;
use crate::input::images::LazyEngine;
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
    let mut engine = LazyEngine::new(args.engine.host.as_deref(), &options);
    let images = read_asked_images(&sources, &builds, &mut engine)?;
    warn_unverified(&images, &options, printer);
    body(&images)
}
