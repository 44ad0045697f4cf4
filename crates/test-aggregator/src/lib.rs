//! Merges the test results of all runners and shards into one report.
//!
//! Cases are counted one by one; what a file says of its own totals is audited, never believed.

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

/// The door of the fuzz target: reads any bytes as test results.
#[cfg(fuzzing)]
pub fn fuzz(bytes: &[u8]) {
    let mut results = model::file::FileResults::default();
    let mut room = input::details_room::DetailsRoom::default();
    let _ = input::junit::read_junit(bytes, &mut results, &mut room);
}
