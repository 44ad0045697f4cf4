//! Where to keep what the steps took.

use clap::Args;
use std::path::PathBuf;

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct InputsArgs {
    /// Write the lists of files that steps copy into DIR, one file a list, instead of into the
    /// report
    #[arg(long, value_name = "DIR", help_heading = "Reports")]
    pub(crate) inputs_dir: Option<PathBuf>,
}
