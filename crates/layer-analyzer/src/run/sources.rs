//! What every subcommand does that reads images: finds out where they are and how they are read.

use std::io::{self, IsTerminal};
use std::path::Path;

use common::app;
use common::cli::InputArgs;
use common::error::CommandError;
use common::pipe::Received;
use common::report::Input;
use common::terminal::Printer;
use common::units::format_bytes;

use crate::cli::image::{ImageArgs, Verify};
use crate::input::builds::Builds;
use crate::input::images::{LazyEngine, read_built_images, read_images};
use crate::input::limits::Limits;
use crate::input::platform::Platform;
use crate::input::read::Verification;
use crate::input::source::{ImageOptions, Source, path_text};
use crate::model::build::ImageOrigin;

/// How the arguments want images to be read.
///
/// # Errors
///
/// The platform is none.
pub(super) fn image_options(args: &ImageArgs) -> Result<ImageOptions, CommandError> {
    let platform = match &args.platform {
        None => None,
        Some(text) => Some(Platform::parse(text).ok_or_else(|| {
            CommandError::usage(format!("`{text}` is no platform"))
                .hint("write it as `linux/amd64` or `linux/arm/v7`")
        })?),
    };
    Ok(ImageOptions {
        platform,
        verification: match args.verify {
            Verify::Auto => Verification::Auto,
            Verify::Always => Verification::Always,
            Verify::Never => Verification::Never,
        },
        limits: Limits::default(),
    })
}

/// Reads the reports, which cannot be on standard input when an image is.
///
/// # Errors
///
/// Both are wanted from there, or the reports cannot be read.
pub(super) fn receive(
    args: &InputArgs,
    sources: &[Source],
    printer: &Printer,
) -> Result<Received, CommandError> {
    let is_stdin = |source: &&Source| **source == Source::Stdin;
    match sources.iter().filter(is_stdin).count() {
        0 => return app::receive(&args.input, printer),
        1 if args.input.iter().any(|file| file == Path::new("-")) => {
            return Err(CommandError::usage(
                "standard input cannot hold both an image and reports",
            )
            .hint("read the reports from a file: `--input FILE`"));
        }
        1 if io::stdin().is_terminal() => {
            return Err(
                CommandError::usage("no image can come from a terminal").hint("pipe one here")
            );
        }
        1 => {}
        _ => {
            return Err(CommandError::usage(
                "standard input holds one archive, not several",
            ));
        }
    }
    Ok(Received::read_files(&args.input)?)
}

/// Reads the images that are named, or those of the build reports where none is.
///
/// # Errors
///
/// None is named, neither here nor in a build report, or one cannot be read.
pub(super) fn read_asked_images<'a>(
    sources: &[Source],
    builds: &'a Builds,
    engine: &mut LazyEngine,
) -> Result<Vec<ImageOrigin<'a>>, CommandError> {
    Ok(match (sources, builds.report_count) {
        ([], 0) => return Err(nothing_to_analyze()),
        ([], _) => read_built_images(&builds.targets, engine)?,
        _ => read_images(sources, &builds.targets, engine)?,
    })
}

fn nothing_to_analyze() -> CommandError {
    CommandError::usage("there is nothing to analyse: no IMAGE is named, and no build report read")
        .hint("name an image or a `docker save` archive, or pipe `build-orchestrator build` here")
}

/// What a report on images was made from.
pub(super) fn source_inputs(sources: &[Source], images: &[ImageOrigin]) -> Vec<Input> {
    let files = sources.iter().filter_map(|source| match source {
        Source::Archive(path) => Some(("archive", path_text(path))),
        Source::Layout { path, .. } => Some(("layout", path_text(path))),
        Source::Stdin => Some(("archive", "-".to_owned())),
        Source::Engine(_) | Source::Registry(_) => None,
    });
    let images = images
        .iter()
        .filter_map(|(image, _)| Some(("image", image.engine_id.clone()?)));
    files
        .chain(images)
        .map(|(kind, id)| Input {
            kind: kind.to_owned(),
            id,
        })
        .collect()
}

/// Says once what was not verified although nobody forbade it.
pub(super) fn warn_unverified(images: &[ImageOrigin], options: &ImageOptions, printer: &Printer) {
    if options.verification != Verification::Auto {
        return;
    }
    let layers = images.iter().flat_map(|(image, _)| &image.layers);
    let mut unverified: Vec<_> = layers.filter(|layer| !layer.is_verified).collect();
    unverified.sort_by_key(|layer| &layer.diff_id);
    unverified.dedup_by_key(|layer| &layer.diff_id);
    let size_bytes: u64 = unverified.iter().map(|layer| layer.blob.size_bytes).sum();
    if size_bytes > 0 {
        let size = format_bytes(size_bytes);
        printer.warning(format!("not verified: {size}; `--verify` reads all"));
    }
}
