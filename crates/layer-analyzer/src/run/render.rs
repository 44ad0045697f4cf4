//! `render`: shows saved reports of this tool.

use common::app::{self, Show};
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
    let mut show = Show::new(&received, args.format, printer);
    show.kind::<LayerData>(render::document)?;
    show.kind::<DifferenceData>(render::difference::document)?;
    show.finish("layer or difference")
}
