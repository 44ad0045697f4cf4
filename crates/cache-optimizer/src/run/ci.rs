//! `ci`: not there yet.

use common::error::CommandError;
use common::exit::Exit;
use common::terminal::Printer;

use crate::cli::ci::CiArgs;

pub(super) fn ci(args: &CiArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let _ = (args, printer);
    Ok(Exit::Ok)
}
