//! What the user asks for.

pub(crate) mod ci;
pub(crate) mod fix;
pub(crate) mod predict;
pub(crate) mod prune;
pub(crate) mod verify;

use clap::{Args, Parser, Subcommand, ValueEnum};
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
    #[command(visible_alias = "explain")]
    Analyze(AnalyzeArgs),
    /// Say which steps a change would make run again, and what that costs
    Predict(predict::PredictArgs),
    /// Apply the patches of rules to Dockerfiles, or print them as a diff
    Fix(fix::FixArgs),
    /// Build before and after patches, and measure what they save
    Verify(verify::VerifyArgs),
    /// Free space in the build cache where that costs least
    Prune(prune::PruneArgs),
    /// Recommend where CI runs keep the build cache
    Ci(ci::CiArgs),
    /// Show saved cache reports
    Render(RenderArgs),
    /// List the rules that Dockerfiles are checked by
    Rules,
    /// Print the JSON Schema of a kind of report
    Schema(SchemaArgs),
}

#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// The kind of report
    #[arg(value_enum, default_value = "cache")]
    pub(crate) kind: Kind,
}

/// The kinds of reports that this tool writes.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// What `analyze` writes
    Cache,
    /// What `predict` writes
    Rebuild,
    /// What `verify` writes
    Verification,
    /// What `prune` writes
    Prune,
    /// What `ci` writes
    CacheSetup,
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

    /// Explain misses by the build reports in DIR, and add this one to them
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,

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
