//! The whole chain, tool by tool, each fed with what the one before wrote.

use crate::docker::Example;
use crate::tool::{Finished, Tool};

/// Runs `build-orchestrator build` on a copy of the example, with more arguments.
pub fn build(example: &Example, args: &str) -> Finished {
    Tool::new("build-orchestrator")
        .args("build --file")
        .arg(example.path("compose.yml"))
        .args(args)
        .env("VERSION", example.version())
        .run()
}

/// Runs a tool on the reports of those before it; `args` starts with the subcommand.
pub fn next(tool: &str, args: &str, reports: &str) -> Finished {
    Tool::new(tool).args(args).stdin(reports).run()
}
