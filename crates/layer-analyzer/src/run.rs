//! The way through the rooms, for each subcommand.

mod analyze;
mod base;
mod gates;
mod sources;

use common::app;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{LayerData, Tool, json_schema};
use common::terminal::Printer;

use crate::cli::{Cli, Command};
use crate::render;

/// Runs the subcommand.
pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Analyze(args) => analyze::analyze(&args, printer),
        Command::Render(args) => app::render(&args, printer, render::document),
        Command::Schema => {
            printer.print(&json_schema::<LayerData>())?;
            Ok(Exit::Ok)
        }
    }
}

fn tool() -> Tool {
    Tool {
        name: "layer-analyzer".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
