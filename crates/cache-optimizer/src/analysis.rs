//! Thinks: what hit and missed the cache and why, and what in a Dockerfile makes it miss.

mod args;
pub(crate) mod cause;
mod earlier;
mod edits;
pub(crate) mod file_changes;
pub(crate) mod findings;
mod install;
pub(crate) mod misses;
pub(crate) mod rules;
mod run_commands;
mod shell;
mod stage_chain;
pub(crate) mod tally;
