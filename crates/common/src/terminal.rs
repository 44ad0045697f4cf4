//! The process's streams: reports on standard output, everything else on standard error.

use serde::Serialize;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use crate::cli::{ColorChoice, Format, LogLevel, OutputArgs, TerminalArgs};
use crate::env_vars;
use crate::error::CommandError;
use crate::pipe::{self, Received};
use crate::render::html::{self, Section};
use crate::render::table::Width;
use crate::render::{self, Document, escape_control};
use crate::report::{Report, ReportData};

/// Hands out the streams and knows what may be written to them.
#[derive(Clone, Debug)]
pub struct Printer {
    verbosity: Verbosity,
    stdout: Stream,
    stderr: Stream,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

#[derive(Clone, Copy, Debug)]
struct Stream {
    is_terminal: bool,
    has_color: bool,
}

impl Stream {
    fn new(is_terminal: bool, choice: ColorChoice) -> Self {
        let no_color = std::env::var_os(env_vars::NO_COLOR).is_some_and(|value| !value.is_empty());
        let has_color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !no_color,
        };
        Self {
            is_terminal,
            has_color,
        }
    }
}

impl Printer {
    /// Looks at the process's streams and environment, once.
    pub fn new(args: &TerminalArgs) -> Self {
        let verbosity = match args.log_level {
            _ if args.quiet => Verbosity::Quiet,
            _ if args.verbose || args.debug => Verbosity::Verbose,
            LogLevel::Quiet => Verbosity::Quiet,
            LogLevel::Normal => Verbosity::Normal,
            LogLevel::Verbose => Verbosity::Verbose,
        };
        Self {
            verbosity,
            stdout: Stream::new(io::stdout().is_terminal(), args.color),
            stderr: Stream::new(io::stderr().is_terminal(), args.color),
        }
    }

    /// Whether a live progress display may be drawn on standard error.
    ///
    /// Not when verbose, because bars and log lines would tear each other apart, nor on a terminal
    /// that cannot move its cursor.
    pub fn draws_progress(&self) -> bool {
        let is_dumb = std::env::var_os(env_vars::TERM).is_some_and(|term| term == "dumb");
        self.stderr.is_terminal && !is_dumb && self.verbosity == Verbosity::Normal
    }

    /// Whether text on standard output may have colour.
    pub fn has_color(&self) -> bool {
        self.stdout.has_color
    }

    /// Writes a tool's result as the user asked for it: as JSON the reports that were received,
    /// unless `--only`, and then `report`; in any other format what `view` makes of `report`.
    ///
    /// # Errors
    ///
    /// Standard output cannot be written to.
    pub fn print_report<T: ReportData>(
        &self,
        output: &OutputArgs,
        received: &Received,
        report: &Report<T>,
        view: impl Fn(&Report<T>) -> Document,
    ) -> Result<(), CommandError> {
        if self.format(output.format) == Format::Json && !output.only {
            self.print(&received.to_json_lines())?;
        }
        self.print_view(output.format, report, view)
    }

    /// Writes a report alone: as JSON, or as what `view` makes of it.
    ///
    /// # Errors
    ///
    /// Standard output cannot be written to.
    pub fn print_view<T: ReportData>(
        &self,
        format: Option<Format>,
        report: &Report<T>,
        view: impl Fn(&Report<T>) -> Document,
    ) -> Result<(), CommandError> {
        match self.format(format) {
            Format::Json => self.print(&pipe::json_line(report)),
            Format::Table => self.print_document(&view(report)),
            Format::Sarif => self.print(&pipe::json_line(&render::sarif::sarif(report))),
            Format::Markdown => self.print(&render::markdown::write(&view(report))),
            Format::Html => {
                let section = Section::new(report, view(report));
                self.print(&html::write(&[section]))
            }
        }
    }

    /// Writes a document as text with tables.
    ///
    /// # Errors
    ///
    /// Standard output cannot be written to.
    pub fn print_document(&self, document: &Document) -> Result<(), CommandError> {
        let width = if self.stdout.is_terminal {
            Width::Terminal
        } else {
            Width::Unlimited
        };
        self.print(&render::table::write(
            document,
            width,
            self.stdout.has_color,
        ))
    }

    /// The format that was chosen, else tables for a person and JSON for a program.
    fn format(&self, chosen: Option<Format>) -> Format {
        chosen.unwrap_or(if self.stdout.is_terminal {
            Format::Table
        } else {
            Format::Json
        })
    }

    /// Writes text to standard output.
    ///
    /// # Errors
    ///
    /// Standard output cannot be written to; a reader that left is `ErrorKind::ClosedPipe`.
    pub fn print(&self, text: &str) -> Result<(), CommandError> {
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(CommandError::stdout)
    }

    /// Says how the work goes.
    pub fn status(&self, message: impl Display) {
        self.say(Verbosity::Normal, "", &message);
    }

    /// Says what only someone who looks for a fault wants to know.
    pub fn detail(&self, message: impl Display) {
        self.say(Verbosity::Verbose, "", &message);
    }

    /// Says how the work goes to a program: one JSON object a line.
    pub fn event(&self, event: &impl Serialize) {
        if self.verbosity >= Verbosity::Normal {
            // With standard error gone there is no stream left to complain on.
            let _ = io::stderr()
                .lock()
                .write_all(pipe::json_line(event).as_bytes());
        }
    }

    /// Warns of something that does not end the work.
    pub fn warning(&self, message: impl Display) {
        self.say(Verbosity::Normal, &self.label("warning", "33"), &message);
    }

    /// Says why the work ended, and what may help.
    pub fn error(&self, error: &CommandError) {
        self.say(Verbosity::Quiet, &self.label("error", "31"), &error);
        for hint in error.hints() {
            self.say(Verbosity::Quiet, &self.label("hint", "36"), hint);
        }
    }

    fn label(&self, word: &str, ansi_color: &str) -> String {
        if self.stderr.has_color {
            format!("\x1b[1;{ansi_color}m{word}:\x1b[0m ")
        } else {
            format!("{word}: ")
        }
    }

    fn say(&self, least: Verbosity, label: &str, message: &dyn Display) {
        if self.verbosity >= least {
            let text = escape_control(&message.to_string());
            // With standard error gone there is no stream left to complain on.
            let _ = writeln!(io::stderr().lock(), "{label}{text}");
        }
    }
}
