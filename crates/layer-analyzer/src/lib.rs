//! Reports what is in every layer of an image, what is wasted, and which instruction made it.

use std::process::ExitCode;

/// Runs the tool on this process's arguments and streams.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
