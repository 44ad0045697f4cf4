//! `files`: lists the entries of layers as JSON Lines.

use common::error::CommandError;
use common::exit::Exit;
use common::pipe::json_line;
use common::terminal::Printer;

use super::named::with_images;
use crate::cli::files::FilesArgs;
use crate::model::build::ImageOrigin;
use crate::report::files::layer_file_entries;

/// How many bytes are written at once.
///
/// Chosen: as many as a pipe holds on Linux, so that a reader that wants one line gets it soon.
const CHUNK_BYTES: usize = 64 * 1024;

/// Lists the entries of images.
///
/// # Errors
///
/// There is nothing to list, an image cannot be read, or standard output is closed.
pub(super) fn files(args: &FilesArgs, printer: &Printer) -> Result<Exit, CommandError> {
    with_images(&args.images, &args.image, &args.input, printer, |images| {
        print_entries(images, args, printer)
    })?;
    Ok(Exit::Ok)
}

fn print_entries(
    images: &[ImageOrigin],
    args: &FilesArgs,
    printer: &Printer,
) -> Result<(), CommandError> {
    let mut chunk = String::with_capacity(2 * CHUNK_BYTES);
    let is_wanted = |layer, visible| {
        args.layer.is_none_or(|wanted| wanted == layer) && (visible || !args.visible)
    };
    for entry in images.iter().flat_map(layer_file_entries) {
        if is_wanted(entry.layer, entry.visible) {
            chunk.push_str(&json_line(&entry));
        }
        if chunk.len() >= CHUNK_BYTES {
            printer.print(&chunk)?;
            chunk.clear();
        }
    }
    printer.print(&chunk)
}
