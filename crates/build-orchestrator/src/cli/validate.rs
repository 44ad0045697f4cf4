//! What to check of images.

use clap::{Args, ValueEnum};
use common::cli::{EngineArgs, InputArgs, OutputArgs};
use std::path::PathBuf;
use std::time::Duration;

use super::duration::duration;

#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    /// The images to check, by name or id [default: every image of the build reports that are read]
    #[arg(value_name = "IMAGE")]
    pub(crate) images: Vec<String>,

    #[command(flatten)]
    pub(crate) checks: CheckArgs,

    /// List the rules
    #[arg(long)]
    pub(crate) rules: bool,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How images are checked.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Checks")]
pub(crate) struct CheckArgs {
    /// What images promise, by target, stage or image [default: what holds for any image]
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: Option<PathBuf>,

    /// Start no containers
    #[arg(long)]
    pub(crate) no_start: bool,

    /// How long an image may take to start and get healthy, if its contract does not say
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    pub(crate) start_timeout: Duration,

    /// The least severity that fails the validation
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub(crate) fail_on: FailOn,
}

/// The least severity that fails.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailOn {
    /// Errors fail
    Error,
    /// Warnings fail too
    Warning,
}
