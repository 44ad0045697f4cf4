//! What the tool holds between reading the world and writing a report.

pub(crate) mod build;
pub(crate) mod build_cache;
pub(crate) mod change;
pub(crate) mod ci_build;
pub(crate) mod context;
pub(crate) mod edit;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod recipe;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod trial;
