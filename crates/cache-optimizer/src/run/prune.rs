//! `prune`: not there yet.

use common::error::CommandError;
use common::exit::Exit;
use common::terminal::Printer;

use crate::cli::prune::PruneArgs;

pub(super) fn prune(args: &PruneArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let _ = (args, printer);
    Ok(Exit::Ok)
}
