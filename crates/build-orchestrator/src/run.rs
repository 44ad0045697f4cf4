//! The corridor: calls every room in turn, a file a subcommand.

mod artifacts;
mod build;
mod compare;
mod files;
mod monitor;
mod plan;
mod validate;
mod watch;

use common::app;
use common::cli::RenderArgs;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{BuildData, BuildEvent, PlanData, json_schema, type_schema};
use common::terminal::Printer;

use crate::cli::{Cli, Command, ReportKind};
use crate::render;

pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Plan(args) => plan::plan(args, printer),
        Command::Build(args) => build::build(args, printer),
        Command::Render(args) => render(&args, printer),
        Command::Schema { kind } => {
            printer.print(&match kind {
                ReportKind::Plan => json_schema::<PlanData>(),
                ReportKind::Build => json_schema::<BuildData>(),
                ReportKind::Events => type_schema::<BuildEvent>(),
            })?;
            Ok(Exit::Ok)
        }
    }
}

fn render(args: &RenderArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = app::receive(&args.files, printer)?;
    let plans = app::show::<PlanData>(&received, args.format, printer, render::plan::document)?;
    let builds = app::show::<BuildData>(&received, args.format, printer, render::build::document)?;
    match plans + builds {
        0 => Err(app::nothing_to_show(&received, "plan or build")),
        _ => Ok(Exit::Ok),
    }
}
