//! The corridor: calls every room in turn.

use common::error::CommandError;
use common::exit::Exit;
use common::report::{TestData, json_schema};
use common::terminal::Printer;
use common::{app, clock};

use crate::cli::{AggregateArgs, Cli, Command};
use crate::input::file::read_files;
use crate::input::paths::{PathError, result_files};
use crate::{analysis, render, report};

/// Does what the command line says.
pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Aggregate(args) => aggregate(&args, printer),
        Command::Render(args) => app::render(&args, printer, render::document),
        Command::Schema => {
            printer.print(&json_schema::<TestData>())?;
            Ok(Exit::Ok)
        }
    }
}

fn aggregate(args: &AggregateArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let received = app::receive(&args.input.input, printer)?;
    let paths = result_files(&args.paths)?;
    let mut files = read_files(&paths);
    let run = analysis::merge::merge(&mut files);
    let report = report::test_report(&files, run, received.to_inputs(), created_at);
    printer.print_report(&args.output, &received, &report, render::document)?;
    Ok(report.verdict.into())
}

impl From<PathError> for CommandError {
    fn from(error: PathError) -> Self {
        Self::input(error)
    }
}
