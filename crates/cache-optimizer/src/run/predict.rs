//! `predict`: not there yet.

use common::error::CommandError;
use common::exit::Exit;
use common::terminal::Printer;

use crate::cli::predict::PredictArgs;

pub(super) fn predict(args: &PredictArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let _ = (args, printer);
    Ok(Exit::Ok)
}
