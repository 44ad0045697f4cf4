//! What can be asked for on the command line.

use clap::{Args, Parser, Subcommand};
use common::app;
use common::cli::{EngineArgs, InputArgs, OutputArgs, RenderArgs, TerminalArgs};
use std::ffi::OsString;

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
    Analyze(AnalyzeArgs),
    /// Show saved layer reports
    Render(RenderArgs),
    /// Print the JSON Schema of layer reports
    Schema,
}

#[derive(Args, Debug)]
pub(crate) struct AnalyzeArgs {
    /// Images to analyse [default: every image of the build reports that are read]
    ///
    /// The path of a `docker save` archive, or the name or id of an image in the Engine. What is a
    /// file is taken for an archive; `archive:PATH` and `engine:NAME` say which one is meant.
    #[arg(value_name = "IMAGE")]
    pub(crate) images: Vec<OsString>,

    /// Report the N largest files of each layer, and the N paths that waste most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,
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
