//! Which steps a change would make run again.

use clap::Args;
use common::cli::{InputArgs, OutputArgs};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct PredictArgs {
    /// Say what a change of PATH would make run again (can be repeated: all change at once). A path is
    /// relative to the working directory; one that does not exist is a file that would be added
    #[arg(long, value_name = "PATH")]
    pub(crate) if_changed: Vec<PathBuf>,

    /// Take times also from the build reports in DIR
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,

    /// Say what the last N commits that touched a build context would make run again; 0 asks git
    /// nothing
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) commits: u32,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
