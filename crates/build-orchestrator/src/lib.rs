//! Builds the targets of compose files and Dockerfiles in parallel on BuildKit and reports every step.

mod execute;
mod input;
mod model;

use std::process::ExitCode;

/// Runs the tool on this process's arguments and streams.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
