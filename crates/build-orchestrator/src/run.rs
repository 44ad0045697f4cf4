//! The corridor: calls every room in turn, a file a subcommand.

mod artifacts;
mod build;
mod compare;
mod monitor;
mod plan;
mod validate;
mod watch;

use common::app;
use common::cli::RenderArgs;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{BuildData, PlanData, ResourceData, json_schema};
use common::terminal::Printer;

use crate::cli::{Cli, Command, ReportKind};
use crate::render;

pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Plan(args) => plan::plan(args, printer),
        Command::Build(args) => build::build(args, printer),
        Command::Monitor(args) => monitor::monitor(args, printer),
        Command::Render(args) => render(&args, printer),
        Command::Schema { kind } => {
            printer.print(&match kind {
                ReportKind::Plan => json_schema::<PlanData>(),
                ReportKind::Build => json_schema::<BuildData>(),
                ReportKind::Resources => json_schema::<ResourceData>(),
            })?;
            Ok(Exit::Ok)
        }
    }
}

fn render(args: &RenderArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = app::receive(&args.files, printer)?;
    let plans = app::show::<PlanData>(&received, args.format, printer, render::plan::document)?;
    let builds = app::show::<BuildData>(&received, args.format, printer, render::build::document)?;
    let resources =
        app::show::<ResourceData>(&received, args.format, printer, render::resources::document)?;
    match plans + builds + resources {
        0 => Err(app::nothing_to_show(&received, "plan, build or resources")),
        _ => Ok(Exit::Ok),
    }
}
