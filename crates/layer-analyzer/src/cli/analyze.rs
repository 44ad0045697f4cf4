//! Arguments of `analyze`.

use clap::Args;
use common::cli::{InputArgs, OutputArgs};
use std::ffi::OsString;

use super::image::ImageArgs;

#[derive(Args, Debug)]
pub(crate) struct AnalyzeArgs {
    /// Images to analyse [default: every image of the build reports that are read]
    ///
    /// The path of an archive or an OCI layout, `-` for an archive on standard input, or the name or
    /// id of an image in the Engine. `archive:PATH`, `oci:PATH`, `oci:PATH:NAME`, `engine:NAME` and
    /// `registry:NAME` say which one is meant.
    #[arg(value_name = "IMAGE")]
    pub(crate) images: Vec<OsString>,

    /// Report the N largest files of each layer, and the N paths that waste most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,

    #[command(flatten)]
    pub(crate) image: ImageArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
