//! Which builds to compare.

use clap::Args;
use common::cli::Format;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// A file with the earlier build's report, the last one in it; `-` is standard input
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,

    /// A file with the later build's report
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,

    /// Exit with 1 when something got worse: a step slower or no longer cached, an image larger
    #[arg(long)]
    pub(crate) fail_on_regression: bool,

    /// How to write the comparison [default: table on a terminal, else json]
    #[arg(long, value_name = "FORMAT", help_heading = "Reports")]
    pub(crate) format: Option<Format>,
}
