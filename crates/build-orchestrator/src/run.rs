//! The corridor: calls every room in turn, a file a subcommand.

mod artifacts;
mod build;
mod checks;
mod compare;
mod files;
mod inputs;
mod monitor;
mod plan;
mod predict;
mod validate;
mod watch;

use common::app;
use common::cli::RenderArgs;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{
    BuildData, BuildEvent, ComparisonData, PlanData, PredictionData, ValidationData, json_schema,
    type_schema,
};
use common::terminal::Printer;

use crate::cli::{Cli, Command, ReportKind};
use crate::render;

pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Plan(args) => plan::plan(args, printer),
        Command::Build(args) => build::build(args, printer),
        Command::Compare(args) => compare::compare(&args, printer),
        Command::Render(args) => render(&args, printer),
        Command::Schema { kind } => {
            printer.print(&match kind {
                ReportKind::Plan => json_schema::<PlanData>(),
                ReportKind::Build => json_schema::<BuildData>(),
                ReportKind::Prediction => json_schema::<PredictionData>(),
                ReportKind::Comparison => json_schema::<ComparisonData>(),
                ReportKind::Events => type_schema::<BuildEvent>(),
                ReportKind::Validation => json_schema::<ValidationData>(),
            })?;
            Ok(Exit::Ok)
        }
        Command::Validate(args) => validate::validate(args, printer),
    }
}

fn render(args: &RenderArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = app::receive(&args.files, printer)?;
    let plans = app::show::<PlanData>(&received, args.format, printer, render::plan::document)?;
    let builds = app::show::<BuildData>(&received, args.format, printer, render::build::document)?;
    let view = render::prediction::document;
    let predictions = app::show::<PredictionData>(&received, args.format, printer, view)?;
    let view = render::comparison::document;
    let comparisons = app::show::<ComparisonData>(&received, args.format, printer, view)?;
    let view = render::validation::document;
    let validations = app::show::<ValidationData>(&received, args.format, printer, view)?;
    match plans + builds + predictions + comparisons + validations {
        0 => Err(app::nothing_to_show(
            &received,
            "plan, build, prediction, comparison or validation",
        )),
        _ => Ok(Exit::Ok),
    }
}
