//! Shows plan and build reports.

pub(crate) mod build;
pub(crate) mod dot;
pub(crate) mod plan;
pub(crate) mod validation;
