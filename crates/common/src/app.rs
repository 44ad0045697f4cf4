//! The frame of every tool: arguments in, exit code out, errors on standard error.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Format, RenderArgs, TerminalArgs};
use crate::error::{CommandError, ErrorKind};
use crate::exit::Exit;
use crate::pipe::Received;
use crate::render::Document;
use crate::render::html::{self, Section};
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
    let mut show = Show::new(&received, args.format, printer);
    show.kind(view)?;
    show.finish(T::KIND)
}

/// Saved reports that are being shown, kind after kind: each at once, or as HTML all on one page.
#[derive(Debug)]
pub struct Show<'a> {
    received: &'a Received,
    format: Option<Format>,
    printer: &'a Printer,
    /// What will be on the page.
    sections: Vec<Section>,
    count: usize,
}

impl<'a> Show<'a> {
    /// Begins to show what was received.
    pub fn new(received: &'a Received, format: Option<Format>, printer: &'a Printer) -> Self {
        Self {
            received,
            format,
            printer,
            sections: Vec::new(),
            count: 0,
        }
    }

    /// Shows all reports of one kind.
    ///
    /// # Errors
    ///
    /// A report of that kind is not readable, or standard output is closed.
    pub fn kind<T: ReportData>(
        &mut self,
        view: impl Fn(&Report<T>) -> Document,
    ) -> Result<(), CommandError> {
        for report in &self.received.decode::<T>()? {
            self.count += 1;
            if self.format == Some(Format::Html) {
                self.sections.push(Section::new(report, view(report)));
            } else {
                self.printer.print_view(self.format, report, &view)?;
            }
        }
        Ok(())
    }

    /// Ends the page. `kinds` is what could have been shown.
    ///
    /// # Errors
    ///
    /// There was nothing to show, or standard output is closed.
    pub fn finish(self, kinds: &str) -> Result<Exit, CommandError> {
        if self.count == 0 {
            return Err(nothing_to_show(self.received, kinds));
        }
        if !self.sections.is_empty() {
            self.printer.print(&html::write(&self.sections))?;
        }
        Ok(Exit::Ok)
    }
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
