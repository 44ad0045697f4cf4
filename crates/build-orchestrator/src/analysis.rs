//! Thinks about what was read and what was built. Pure: no I/O, no clock, no failure.

pub(crate) mod affected;
pub(crate) mod base_images;
pub(crate) mod cache_strategy;
pub(crate) mod comparison;
pub(crate) mod context_files;
mod context_paths;
mod context_uses;
pub(crate) mod critical_path;
pub(crate) mod environment;
pub(crate) mod graph;
pub(crate) mod image_checks;
pub(crate) mod layer_advice;
pub(crate) mod lost_time;
pub(crate) mod retention;
pub(crate) mod run_inputs;
pub(crate) mod sharing;
pub(crate) mod simulate;
pub(crate) mod stages;
pub(crate) mod steps;
pub(crate) mod support;
pub(crate) mod usage;
