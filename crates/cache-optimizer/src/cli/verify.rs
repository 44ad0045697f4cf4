//! Which patches are measured, and how.

use clap::Args;
use common::cli::{InputArgs, OutputArgs};

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
