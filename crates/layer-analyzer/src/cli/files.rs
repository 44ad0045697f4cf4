//! Arguments of `files`.

use clap::Args;
use common::cli::InputArgs;
use std::ffi::OsString;

use super::image::ImageArgs;

#[derive(Args, Debug)]
pub(crate) struct FilesArgs {
    /// Images as in `analyze` [default: every image of the build reports that are read]
    #[arg(value_name = "IMAGE")]
    pub(crate) images: Vec<OsString>,

    /// List layer N only, counted from 0 at the bottom
    #[arg(long, value_name = "N")]
    pub(crate) layer: Option<u32>,

    /// List only what a container sees
    #[arg(long)]
    pub(crate) visible: bool,

    #[command(flatten)]
    pub(crate) image: ImageArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}
