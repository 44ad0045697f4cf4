//! Which steps a change would make run again.

use clap::Args;
use common::cli::{InputArgs, OutputArgs};

#[derive(Args, Debug)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
