//! What can be asked for on the command line.

pub(crate) mod analyze;
pub(crate) mod gates;
pub(crate) mod image;

use clap::{Parser, Subcommand};
use common::app;
use common::cli::{RenderArgs, TerminalArgs};

use analyze::AnalyzeArgs;

/// Report what is in every layer of an image, what is wasted, and which instruction made it
#[derive(Parser, Debug)]
#[command(name = "layer-analyzer", bin_name = "layer-analyzer", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    terminal: TerminalArgs,
}

impl app::Cli for Cli {
    fn terminal(&self) -> &TerminalArgs {
        &self.terminal
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Read images layer by layer, and report their files and what of them is wasted
    Analyze(Box<AnalyzeArgs>),
    /// Show saved layer reports
    Render(RenderArgs),
    /// Print the JSON Schema of layer reports
    Schema,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
