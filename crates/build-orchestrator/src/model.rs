//! What the tool holds between reading the world and writing a report.

pub(crate) mod context;
pub(crate) mod outcome;
pub(crate) mod plan;
pub(crate) mod step;
