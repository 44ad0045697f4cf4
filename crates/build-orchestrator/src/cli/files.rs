//! What is written into files beside the report.

use clap::Args;
use std::path::PathBuf;

/// Files that a build writes beside its report.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Reports")]
pub(crate) struct FileArgs {
    /// Write the digests and names of the images to FILE, as `docker buildx bake` does
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata_file: Option<PathBuf>,

    /// Write a trace to FILE, for <https://ui.perfetto.dev> or Chrome
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
}
