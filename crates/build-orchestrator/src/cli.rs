//! What the user asks for.

pub(crate) mod artifacts;
pub(crate) mod build;
pub(crate) mod checks;
pub(crate) mod compare;
mod duration;
pub(crate) mod files;
pub(crate) mod inputs;
pub(crate) mod monitor;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod project;
pub(crate) mod render;
pub(crate) mod validate;
pub(crate) mod watch;
pub(crate) mod what_if;

use clap::{Parser, Subcommand, ValueEnum};
use common::cli::TerminalArgs;

use artifacts::ArtifactsArgs;
use build::BuildArgs;
use compare::CompareArgs;
use monitor::MonitorArgs;
use plan::PlanArgs;
use render::RenderArgs;
use validate::ValidateArgs;
use watch::WatchArgs;

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
    /// Build, and build again what a change of files affects
    Watch(WatchArgs),
    /// Follow containers, and report what they used of what they may
    Monitor(MonitorArgs),
    /// Say how a build differs from an earlier one: which steps got slower, which began to miss
    Compare(CompareArgs),
    /// Show saved reports of this tool
    Render(RenderArgs),
    /// Show, check or prune a folder of artifacts
    Artifacts(ArtifactsArgs),
    /// Print the JSON Schema of the reports
    Schema {
        /// Which report
        #[arg(value_enum, default_value = "build")]
        kind: ReportKind,
    },
    /// Check built images: user, files, entrypoint, start, and what a contract promises
    Validate(ValidateArgs),
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum ReportKind {
    /// What `plan` writes
    Plan,
    /// What `build` writes
    Build,
    /// What `monitor` writes
    Resources,
    /// What `plan --from-report` writes
    Prediction,
    /// What `compare` writes
    Comparison,
    /// What `artifacts` writes, and what the manifests of such a folder are
    Artifacts,
    /// What `build --progress json` writes, a line each
    Events,
    /// What `validate` writes
    Validation,
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
