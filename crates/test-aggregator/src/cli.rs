//! What the user asks for.

use clap::{Args, Parser, Subcommand};
use common::cli::{InputArgs, OutputArgs, RenderArgs, TerminalArgs};
use std::path::PathBuf;

/// Merge the test results of all runners and shards into one report
#[derive(Parser, Debug)]
#[command(name = "test-aggregator", bin_name = "test-aggregator", version, about)]
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
    /// Count the cases of JUnit XML files, and show what failed
    Aggregate(AggregateArgs),
    /// Show saved test reports
    Render(RenderArgs),
    /// Print the JSON Schema of test reports
    Schema,
}

#[derive(Args, Debug)]
pub(crate) struct AggregateArgs {
    /// Files, folders (every `*.xml` below them) and globs such as `'build/**/TEST-*.xml'`
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,

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
