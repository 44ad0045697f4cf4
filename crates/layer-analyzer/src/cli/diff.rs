//! Arguments of `diff`.

use clap::{Args, ValueEnum};
use common::cli::{InputArgs, OutputArgs};
use std::ffi::OsString;

use super::image::ImageArgs;

#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    /// The image that is compared with; IMAGE as in `analyze`
    #[arg(value_name = "BEFORE")]
    pub(crate) before: OsString,

    /// The image that may differ
    #[arg(value_name = "AFTER")]
    pub(crate) after: OsString,

    /// Exit with 1 when the images are not identical, or differ in one of these ways
    #[arg(
        long,
        value_name = "CAUSE,…",
        num_args = 0..,
        require_equals = true,
        value_delimiter = ',',
        hide_possible_values = true,
        long_help = "Exit with 1 when the images are not identical, or differ in one of these \
            ways: files, content, kind, permissions, ownership, attributes, times, settings, \
            order, layers, packing, history"
    )]
    pub(crate) fail_on_difference: Option<Vec<CauseArg>>,

    /// List N of the paths that differ
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,

    #[command(flatten)]
    pub(crate) image: ImageArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// One way in which images differ, as the report names it.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CauseArg {
    Files,
    Content,
    Kind,
    Permissions,
    Ownership,
    Attributes,
    Times,
    Settings,
    Order,
    Layers,
    Packing,
    History,
}
