//! Shows plan and build reports.

pub(crate) mod build;
pub(crate) mod comparison;
pub(crate) mod dot;
pub(crate) mod metadata;
pub(crate) mod plan;
pub(crate) mod prediction;
pub(crate) mod trace;
pub(crate) mod validation;
