//! The frame of every tool: arguments in, exit code out, errors on standard error.

use clap::Parser;
use std::process::ExitCode;

use crate::cli::TerminalArgs;
use crate::error::{CommandError, ErrorKind};
use crate::exit::Exit;
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
