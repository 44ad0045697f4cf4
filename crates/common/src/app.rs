//! The frame of every tool: arguments in, exit code out, errors on standard error.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Format, RenderArgs, TerminalArgs};
use crate::error::{CommandError, ErrorKind};
use crate::exit::Exit;
use crate::pipe::Received;
use crate::render::Document;
use crate::report::{Report, ReportData};
use crate::terminal::Printer;

/// A tool's command line.
pub trait Cli: Parser {
    /// The arguments on how much to say.
    fn terminal(&self) -> &TerminalArgs;
}

/// Runs a tool: parses the process's arguments, calls `body`, and says how it ended.
pub fn run<C: Cli>(body: impl FnOnce(C, &Printer) -> Result<Exit, CommandError>) -> ExitCode {
    let cli = match C::try_parse() {
        Ok(cli) => cli,
        Err(message) => return print_clap_message(&message),
    };
    let printer = Printer::new(cli.terminal());
    match body(cli, &printer) {
        Ok(exit) => exit.into(),
        Err(error) => {
            if error.kind() != ErrorKind::ClosedPipe {
                printer.error(&error);
            }
            error.exit().into()
        }
    }
}

/// Prints help, the version or a usage error. clap's own `exit` would panic on a closed pipe.
fn print_clap_message(message: &clap::Error) -> ExitCode {
    // Whoever closed the stream does not want to read it: there is nobody left to tell.
    let _ = message.print();
    if message.use_stderr() {
        Exit::Error.into()
    } else {
        Exit::Ok.into()
    }
}

/// Reads the reports of the files named, or of standard input when none is, and tells who wants to
/// know what they are.
///
/// # Errors
///
/// As [`Received::read`].
pub fn receive(files: &[PathBuf], printer: &Printer) -> Result<Received, CommandError> {
    let received = Received::read(files)?;
    let kinds: Vec<&str> = received.kinds().collect();
    printer.detail(format_args!("reports read: {}", list(&kinds)));
    Ok(received)
}

/// Shows saved reports of one kind, in their order: the subcommand `render`.
///
/// # Errors
///
/// The reports cannot be read, there is none of that kind, or standard output is closed.
pub fn render<T: ReportData>(
    args: &RenderArgs,
    printer: &Printer,
    view: impl Fn(&Report<T>) -> Document,
) -> Result<Exit, CommandError> {
    let received = receive(&args.files, printer)?;
    match show(&received, args.format, printer, view)? {
        0 => Err(nothing_to_show(&received, T::KIND)),
        _ => Ok(Exit::Ok),
    }
}

/// Shows all received reports of one kind; returns how many there were.
///
/// # Errors
///
/// A report of that kind is not readable, or standard output is closed.
pub fn show<T: ReportData>(
    received: &Received,
    format: Option<Format>,
    printer: &Printer,
    view: impl Fn(&Report<T>) -> Document,
) -> Result<usize, CommandError> {
    let reports = received.decode::<T>()?;
    for report in &reports {
        printer.print_view(format, report, &view)?;
    }
    Ok(reports.len())
}

/// The error of a `render` that was given no report of the kinds that it shows.
pub fn nothing_to_show(received: &Received, kinds: &str) -> CommandError {
    let found = list(&received.kinds().collect::<Vec<_>>());
    CommandError::input(format!(
        "there is no {kinds} report to show; reports read: {found}"
    ))
}

fn list(kinds: &[&str]) -> String {
    if kinds.is_empty() {
        "none".to_owned()
    } else {
        kinds.join(", ")
    }
}
