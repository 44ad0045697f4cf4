//! Shows plan, build and resource reports.

pub(crate) mod artifacts;
pub(crate) mod build;
pub(crate) mod comparison;
pub(crate) mod dot;
pub(crate) mod mermaid;
pub(crate) mod metadata;
pub(crate) mod metrics;
pub(crate) mod plan;
pub(crate) mod prediction;
pub(crate) mod resources;
#[cfg(test)]
mod samples;
pub(crate) mod trace;
pub(crate) mod validation;
