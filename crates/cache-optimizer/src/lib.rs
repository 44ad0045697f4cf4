//! Explains which build steps missed the cache, why, and which edit helps.
//!
//! Reads what a build did (its report, and those of earlier builds), the Dockerfiles and their
//! contexts. To prove what an edit saves it has `build-orchestrator` build; it talks to an Engine only
//! to look at the build cache and to prune it.

mod analysis;
mod cli;
mod execute;
mod input;
mod model;
mod render;
mod report;
mod run;

use std::process::ExitCode;

/// Runs the tool on this process's arguments and streams.
pub fn main() -> ExitCode {
    common::app::run(run::run)
}
