//! Thinks: what hit and missed the cache and why, and what in a Dockerfile makes it miss.

mod args;
pub(crate) mod cause;
mod context_sources;
mod earlier;
mod edits;
pub(crate) mod file_changes;
mod final_stage;
pub(crate) mod findings;
mod ignore_edit;
mod install;
mod install_inputs;
mod leftover_needs;
pub(crate) mod misses;
pub(crate) mod patch;
pub(crate) mod pruning;
pub(crate) mod rebuild;
pub(crate) mod rules;
mod run_commands;
pub(crate) mod selection;
mod shell;
mod stage_chain;
mod stage_state;
mod stage_uses;
pub(crate) mod suspicion;
mod system_packages;
pub(crate) mod tally;
mod work_folders;
