//! Shows plan, build and resource reports.

pub(crate) mod build;
pub(crate) mod dot;
pub(crate) mod metrics;
pub(crate) mod plan;
pub(crate) mod resources;
