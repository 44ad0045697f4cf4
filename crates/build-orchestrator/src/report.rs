//! From what was planned and built to the reports that say so.

pub(crate) mod artifacts;
pub(crate) mod build;
pub(crate) mod comparison;
mod inputs;
pub(crate) mod plan;
pub(crate) mod prediction;
pub(crate) mod resources;
pub(crate) mod validation;
mod warnings;

use common::report::{Input, Tool};

/// What the reports name as their writer.
pub(crate) fn tool() -> Tool {
    Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// What the reports name as the files that they were made from.
pub(crate) fn inputs(files: &[(&str, String)]) -> Vec<Input> {
    let input = |(kind, id): &(&str, String)| Input {
        kind: (*kind).to_owned(),
        id: id.clone(),
    };
    files.iter().map(input).collect()
}
