//! Where the cache could be kept between CI runs.

use clap::Args;
use common::cli::{InputArgs, OutputArgs};

#[derive(Args, Debug)]
pub(crate) struct CiArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
