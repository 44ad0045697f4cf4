//! How a running build is shown.

use clap::{Args, ValueEnum};

/// How a running build is shown, on standard error.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ProgressArgs {
    /// How to show what happens
    #[arg(
        long,
        value_name = "HOW",
        default_value = "auto",
        help_heading = "Terminal"
    )]
    pub(crate) progress: ProgressMode,
}

/// How a running build is shown.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgressMode {
    /// Live at a terminal, else plain
    Auto,
    /// Live: a line for each step that runs; plain where there is no terminal
    #[value(alias = "tty")]
    Bars,
    /// All that steps print, in groups by target and step
    Plain,
    /// Nothing
    Quiet,
    /// One JSON object a line, as `schema events` describes
    #[value(alias = "rawjson")]
    Json,
}
