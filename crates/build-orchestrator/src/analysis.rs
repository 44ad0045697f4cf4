//! Thinks about what was read and what was built. Pure: no I/O, no clock, no failure.

pub(crate) mod affected;
pub(crate) mod context_files;
pub(crate) mod critical_path;
pub(crate) mod graph;
pub(crate) mod sharing;
pub(crate) mod stages;
pub(crate) mod steps;
pub(crate) mod usage;
