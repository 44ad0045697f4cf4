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
mod render;
mod validate;
mod watch;

use common::error::CommandError;
use common::exit::Exit;
use common::report::{
    ArtifactsData, BuildData, BuildEvent, ComparisonData, PlanData, PredictionData, ResourceData,
    ValidationData, json_schema, type_schema,
};
use common::terminal::Printer;

use crate::cli::{Cli, Command, ReportKind};

pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Plan(args) => plan::plan(args, printer),
        Command::Build(args) => build::build(&args, printer),
        Command::Watch(args) => watch::watch(&args, printer),
        Command::Monitor(args) => monitor::monitor(&args, printer),
        Command::Artifacts(args) => artifacts::artifacts(&args, printer),
        Command::Compare(args) => compare::compare(&args, printer),
        Command::Render(args) => render::render(&args, printer),
        Command::Schema { kind } => {
            printer.print(&match kind {
                ReportKind::Plan => json_schema::<PlanData>(),
                ReportKind::Build => json_schema::<BuildData>(),
                ReportKind::Resources => json_schema::<ResourceData>(),
                ReportKind::Prediction => json_schema::<PredictionData>(),
                ReportKind::Comparison => json_schema::<ComparisonData>(),
                ReportKind::Artifacts => json_schema::<ArtifactsData>(),
                ReportKind::Events => type_schema::<BuildEvent>(),
                ReportKind::Validation => json_schema::<ValidationData>(),
            })?;
            Ok(Exit::Ok)
        }
        Command::Validate(args) => validate::validate(args, printer),
    }
}
