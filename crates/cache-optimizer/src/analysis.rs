//! Thinks: what hit and missed the cache and why, and what in a Dockerfile makes it miss.

mod args;
pub(crate) mod cause;
mod chain;
mod earlier;
mod edits;
mod effects;
pub(crate) mod file_changes;
pub(crate) mod findings;
mod install;
mod install_inputs;
pub(crate) mod misses;
pub(crate) mod patch;
mod raw_lines;
pub(crate) mod rules;
mod run_commands;
pub(crate) mod selection;
mod shell;
mod stage_chain;
mod stage_state;
pub(crate) mod suspicion;
mod system_packages;
pub(crate) mod tally;
