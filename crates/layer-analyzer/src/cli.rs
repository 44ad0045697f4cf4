//! What can be asked for on the command line.

pub(crate) mod analyze;
pub(crate) mod diff;
pub(crate) mod files;
pub(crate) mod gates;
pub(crate) mod image;
mod size;
pub(crate) mod tree;

use clap::{Parser, Subcommand, ValueEnum};
use common::app;
use common::cli::{RenderArgs, TerminalArgs};

use analyze::AnalyzeArgs;
use diff::DiffArgs;
use files::FilesArgs;
use tree::TreeArgs;

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
    /// Say how two images differ: files, metadata, settings, layers, and whether a rebuild is the same
    Diff(DiffArgs),
    /// Draw the files of an image, or what a layer does to them, with the sizes of directories
    Tree(TreeArgs),
    /// List the files of all layers for programs such as jq, one JSON object a line
    Files(FilesArgs),
    /// Show saved reports of this tool
    Render(RenderArgs),
    /// List the rules about what should not be in images
    Rules,
    /// Print the JSON Schema of the reports
    Schema {
        /// Which report
        #[arg(value_enum, default_value = "layer")]
        kind: ReportKind,
    },
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum ReportKind {
    /// What `analyze` writes
    Layer,
    /// What `diff` writes
    Difference,
    /// What `files` writes, a line each
    Files,
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
