//! Exits with what the tool says.

use std::process::ExitCode;

fn main() -> ExitCode {
    layer_analyzer::main()
}
