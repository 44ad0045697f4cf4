//! Arguments of `tree`.

use clap::{Args, ValueEnum};
use common::cli::InputArgs;
use std::ffi::OsString;

use super::image::ImageArgs;
use super::size::size;

#[derive(Args, Debug)]
pub(crate) struct TreeArgs {
    /// Images as in `analyze` [default: every image of the build reports that are read]
    #[arg(value_name = "IMAGE")]
    pub(crate) images: Vec<OsString>,

    /// Show what layer N does, counted from 0 at the bottom: `+` added, `~` replaced, `-` removed
    #[arg(long, value_name = "N")]
    pub(crate) layer: Option<u32>,

    /// Show as well what is stored in some layer and seen by no container
    #[arg(long, conflicts_with = "layer")]
    pub(crate) wasted: bool,

    /// Start at PREFIX, a path in the image
    #[arg(long, value_name = "PREFIX", default_value = "/")]
    pub(crate) path: OsString,

    /// Show N levels below the start
    #[arg(long, value_name = "N")]
    pub(crate) depth: Option<usize>,

    /// Leave out what is smaller than SIZE, such as 500k or 10MB; directories are as large as what
    /// they hold
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "0", hide_default_value = true)]
    pub(crate) min_size: u64,

    /// What comes first in a directory
    #[arg(long, value_name = "ORDER", default_value = "name")]
    pub(crate) sort: Order,

    #[command(flatten)]
    pub(crate) image: ImageArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// What comes first in a directory.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The first name, by its bytes
    Name,
    /// The largest, then by name
    Size,
}
