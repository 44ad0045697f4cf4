//! Reports what is in every layer of an image, what is wasted, and which instruction made it.

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
    common::app::run::<cli::Cli>(run::run)
}
