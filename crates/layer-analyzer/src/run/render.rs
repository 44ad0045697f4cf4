//! `render`: shows saved reports of this tool.

use common::app;
use common::cli::RenderArgs;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{DifferenceData, LayerData};
use common::terminal::Printer;

use crate::render;

/// Shows saved reports, those of layers first.
///
/// # Errors
///
/// The reports cannot be read, or there is none of a kind that this tool writes.
pub(super) fn render(args: &RenderArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = app::receive(&args.files, printer)?;
    let layers = app::show::<LayerData>(&received, args.format, printer, render::document)?;
    let view = render::difference::document;
    let differences = app::show::<DifferenceData>(&received, args.format, printer, view)?;
    match layers + differences {
        0 => Err(app::nothing_to_show(&received, "layer or difference")),
        _ => Ok(Exit::Ok),
    }
}
