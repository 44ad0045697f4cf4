//! The way through the rooms, for each subcommand.

mod analyze;
mod base;
mod diff;
mod files;
mod gates;
mod named;
mod render;
mod sources;
mod tree;

use common::error::CommandError;
use common::exit::Exit;
use common::report::{DifferenceData, LayerData, LayerFileEntry, Tool, json_schema, type_schema};
use common::terminal::Printer;

use crate::analysis::rules::rules;
use crate::cli::{Cli, Command, ReportKind};
use crate::render as views;

/// Runs the subcommand.
pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Analyze(args) => analyze::analyze(&args, printer),
        Command::Diff(args) => diff::diff(&args, printer),
        Command::Files(args) => files::files(&args, printer),
        Command::Tree(args) => tree::tree(&args, printer),
        Command::Render(args) => render::render(&args, printer),
        Command::Rules => print_rules(printer),
        Command::Schema { kind } => {
            printer.print(&match kind {
                ReportKind::Layer => json_schema::<LayerData>(),
                ReportKind::Difference => json_schema::<DifferenceData>(),
                ReportKind::Files => type_schema::<LayerFileEntry>(),
            })?;
            Ok(Exit::Ok)
        }
    }
}

fn print_rules(printer: &Printer) -> Result<Exit, CommandError> {
    let rules = rules().into_iter();
    let rows = rules.map(|rule| {
        [
            rule.id,
            rule.weight.name(),
            rule.what,
            rule.advice,
            rule.source,
        ]
    });
    printer.print_document(&views::rules(rows))?;
    Ok(Exit::Ok)
}

fn tool() -> Tool {
    Tool {
        name: "layer-analyzer".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
