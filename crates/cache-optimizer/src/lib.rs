//! Explains which build steps missed the cache, why, and which edit helps.
//!
//! Reads what a build did (its report, and that of an earlier build) and the Dockerfiles; it neither
//! builds nor talks to an Engine.

mod analysis;
mod cli;
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
