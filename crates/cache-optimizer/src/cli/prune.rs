//! Which records of the build cache may go.

use clap::Args;
use common::cli::{InputArgs, OutputArgs};

#[derive(Args, Debug)]
pub(crate) struct PruneArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
