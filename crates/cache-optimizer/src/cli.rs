//! What the user asks for.

use clap::{Args, Parser, Subcommand};
use common::cli::{InputArgs, OutputArgs, RenderArgs, TerminalArgs};
use std::path::PathBuf;

/// Explain which build steps missed the cache, why, and which edit helps
#[derive(Parser, Debug)]
#[command(name = "cache-optimizer", bin_name = "cache-optimizer", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) terminal: TerminalArgs,
}

impl common::app::Cli for Cli {
    fn terminal(&self) -> &TerminalArgs {
        &self.terminal
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Explain the misses of a build, and check Dockerfiles for what makes the cache useless
    Analyze(AnalyzeArgs),
    /// Show saved cache reports
    Render(RenderArgs),
    /// List the rules that Dockerfiles are checked by
    Rules,
    /// Print the JSON Schema of cache reports
    Schema,
}

#[derive(Args, Debug)]
pub(crate) struct AnalyzeArgs {
    /// Dockerfiles to check, beside those of a build report if there is one
    #[arg(value_name = "DOCKERFILE")]
    pub(crate) dockerfiles: Vec<PathBuf>,

    /// The build context of the Dockerfiles [default: the folder of each]
    #[arg(long, value_name = "DIR", requires = "dockerfiles")]
    pub(crate) context: Option<PathBuf>,

    /// Explain misses by the last build report in FILE, that of an earlier build
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
