//! The corridor: calls every room in turn.

use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{ReportData, TestData, json_schema};
use common::terminal::Printer;
use common::{cli::RenderArgs, clock};

use crate::cli::{AggregateArgs, Cli, Command};
use crate::input::file::read_file;
use crate::input::paths::{PathError, result_files};
use crate::model::file::FileResults;
use crate::{analysis, render, report};

/// Does what the command line says.
pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Aggregate(args) => aggregate(&args, printer),
        Command::Render(args) => show(&args, printer),
        Command::Schema => {
            printer.print(&json_schema::<TestData>())?;
            Ok(Exit::Ok)
        }
    }
}

fn aggregate(args: &AggregateArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let received = Received::read(&args.input.input)?;
    let paths = result_files(&args.paths)?;
    let mut files: Vec<FileResults> = paths.iter().map(|path| read_file(path)).collect();
    let run = analysis::merge::merge(&mut files);
    let report = report::test_report(&files, run, received.to_inputs(), created_at);
    let format = printer.format_or_default(args.output.format);
    let passed_on = if args.output.only {
        Received::default()
    } else {
        received
    };
    printer.print_report(format, &passed_on, &report, render::document)?;
    Ok(report.verdict.into())
}

fn show(args: &RenderArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let reports = Received::read(&args.files)?.decode::<TestData>()?;
    if reports.is_empty() {
        let message = format!("found no {} report to show", TestData::KIND);
        return Err(CommandError::input(message));
    }
    let format = printer.format_or_default(args.format);
    for report in &reports {
        printer.print_report(format, &Received::default(), report, render::document)?;
    }
    Ok(Exit::Ok)
}

impl From<PathError> for CommandError {
    fn from(error: PathError) -> Self {
        Self::input(error)
    }
}
