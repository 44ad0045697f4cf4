//! Builds the targets of compose files and Dockerfiles in parallel on BuildKit and reports every step.

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

/// The door of the fuzz target: reads any text as a bake file, in HCL and in JSON.
#[cfg(fuzzing)]
pub fn fuzz_bake(text: &str) {
    input::fuzz_bake(text);
}
