//! The contract between the pipeline tools, and the edge of the terminal they share.
//!
//! Something belongs here when it crosses a process boundary or touches the terminal, and at least
//! two tools use it. Analysis, thresholds, a tool's own arguments and its wording do not.
//!
//! In reading order: [`report`] is what the tools say to one another, [`pipe`] how it travels,
//! [`render`] how it is shown, [`cli`], [`terminal`], [`exit`] and [`error`] how a tool meets its
//! user, and [`app`] puts these together. [`dockerfile`] reads the file that most reports point
//! into, [`build_context`] what that file can copy. [`secrets`] says which variables must not be shown. [`engine`] is behind the feature `docker`.

pub mod app;
pub mod build_context;
pub mod cli;
pub mod clock;
pub mod dockerfile;
#[cfg(feature = "docker")]
pub mod engine;
pub mod env_vars;
pub mod error;
pub mod exit;
pub mod pipe;
pub mod render;
pub mod report;
pub mod secrets;
pub mod terminal;
pub mod units;
