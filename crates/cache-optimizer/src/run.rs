//! The corridor: calls every room in turn, and turns what fails into the error that ends the tool.

mod analyze;
mod ci;
mod fix;
mod history;
mod predict;
mod prune;
mod sources;
mod verify;

use common::app;
use common::cli::RenderArgs;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{
    CacheData, CacheSetupData, PruneData, RebuildData, VerificationData, json_schema,
};
use common::terminal::Printer;

use crate::analysis::rules::RULES;
use crate::cli::{Cli, Command, Kind};
use crate::render;

pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Analyze(args) => analyze::analyze(&args, printer),
        Command::Predict(args) => predict::predict(&args, printer),
        Command::Fix(args) => fix::fix(&args, printer),
        Command::Verify(args) => verify::verify(&args, printer),
        Command::Prune(args) => prune::prune(&args, printer),
        Command::Ci(args) => ci::ci(&args, printer),
        Command::Render(args) => render_reports(&args, printer),
        Command::Rules => print_rules(printer),
        Command::Schema(args) => printer.print(&schema(args.kind)).map(|()| Exit::Ok),
    }
}

fn schema(kind: Kind) -> String {
    match kind {
        Kind::Cache => json_schema::<CacheData>(),
        Kind::Rebuild => json_schema::<RebuildData>(),
        Kind::Verification => json_schema::<VerificationData>(),
        Kind::Prune => json_schema::<PruneData>(),
        Kind::CacheSetup => json_schema::<CacheSetupData>(),
    }
}

fn render_reports(args: &RenderArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = app::receive(&args.files, printer)?;
    let mut show = app::Show::new(&received, args.format, printer);
    show.kind(render::document)?;
    show.kind(render::rebuild::document)?;
    show.kind(render::verification::document)?;
    show.kind(render::prune::document)?;
    show.kind(render::cache_setup::document)?;
    show.finish("cache, rebuild, verification, prune or cache-setup")
}

fn print_rules(printer: &Printer) -> Result<Exit, CommandError> {
    let rows = RULES.iter().map(|rule| [rule.id, rule.reason, rule.source]);
    let document = render::rules(rows);
    printer.print_document(&document)?;
    Ok(Exit::Ok)
}
