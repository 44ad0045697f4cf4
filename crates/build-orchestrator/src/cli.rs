//! What the user asks for.

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use common::cli::{EngineArgs, Format, InputArgs, OutputArgs, RenderArgs, TerminalArgs};
use std::num::{NonZeroU32, ParseIntError};
use std::path::PathBuf;

/// Build the targets of compose files and Dockerfiles in parallel on BuildKit, and report every step
#[derive(Parser, Debug)]
#[command(
    name = "build-orchestrator",
    bin_name = "build-orchestrator",
    version,
    about
)]
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
    /// Resolve what would be built, without an Engine
    Plan(PlanArgs),
    /// Build, and report every step's time, cache state and inputs
    Build(BuildArgs),
    /// Show saved plan and build reports
    Render(RenderArgs),
    /// Print the JSON Schema of the reports
    Schema {
        /// Which report
        #[arg(value_enum, default_value = "build")]
        kind: ReportKind,
    },
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum ReportKind {
    /// What `plan` writes
    Plan,
    /// What `build` writes
    Build,
}

#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// How to write the plan [default: table on a terminal, else json]
    #[arg(long, value_name = "FORMAT", help_heading = "Reports")]
    pub(crate) format: Option<PlanFormat>,

    /// Write this tool's report only, not the reports that were read
    #[arg(long, help_heading = "Reports")]
    pub(crate) only: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanFormat {
    /// Tables for people
    Table,
    /// JSON Lines for programs: the reports that were read, then the plan
    Json,
    /// Markdown, as for a CI job's summary
    Markdown,
    /// A Graphviz graph of targets and stages
    Dot,
}

impl PlanFormat {
    /// The format that all reports have. `None` for the graph, which only a plan has.
    pub(crate) fn common(self) -> Option<Format> {
        match self {
            Self::Table => Some(Format::Table),
            Self::Json => Some(Format::Json),
            Self::Markdown => Some(Format::Markdown),
            Self::Dot => None,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    /// Build at most N targets at once; each keeps about one processor busy
    #[arg(
        long,
        value_name = "N",
        env = "PARALLEL_BUILDS",
        default_value_t = processors(),
        value_parser = parallel,
        help_heading = "Build"
    )]
    pub(crate) parallel: NonZeroU32,

    /// Run every step again, whatever the cache holds
    #[arg(long, env = "NO_CACHE", value_parser = FalseyValueParser::new(), help_heading = "Build")]
    pub(crate) no_cache: bool,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What to build.
#[derive(Args, Debug)]
pub(crate) struct ProjectArgs {
    /// The targets, with those that they depend on [default: all]
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// A compose file (`*.yml`, `*.yaml`) or a Dockerfile [default: compose.yaml, compose.yml,
    /// docker-compose.yaml, docker-compose.yml or Dockerfile, whichever is there first]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// The variables of the compose file [default: `.env` beside it, if there]
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,

    /// Set a build argument of all targets (can be repeated; without VALUE it is taken from the
    /// environment)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) build_arg: Vec<String>,

    /// Build for a platform such as linux/amd64
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    /// The build context of a Dockerfile [default: the Dockerfile's folder]
    #[arg(long, value_name = "DIR", help_heading = "Dockerfile alone")]
    pub(crate) context: Option<PathBuf>,

    /// The stage of a Dockerfile to build [default: the last one]
    #[arg(long, value_name = "STAGE", help_heading = "Dockerfile alone")]
    pub(crate) target: Option<String>,

    /// Name the image (can be repeated)
    #[arg(long, short, value_name = "NAME", help_heading = "Dockerfile alone")]
    pub(crate) tag: Vec<String>,
}

fn processors() -> NonZeroU32 {
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let count = u32::try_from(count).ok().and_then(NonZeroU32::new);
    count.unwrap_or(NonZeroU32::MIN)
}

/// An environment variable that is set to nothing, as compose files leave it, asks for the default.
fn parallel(text: &str) -> Result<NonZeroU32, ParseIntError> {
    if text.is_empty() {
        return Ok(processors());
    }
    text.parse()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_empty_number_of_parallel_builds_is_the_default() {
        assert_eq!(parallel("").unwrap(), processors());
        assert_eq!(parallel("3").unwrap().get(), 3);
        assert!(parallel("0").is_err());
    }
}
