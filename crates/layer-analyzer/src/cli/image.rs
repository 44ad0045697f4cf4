//! Arguments on where images are and how they are read, the same in all subcommands.

use clap::{Args, ValueEnum};
use common::cli::EngineArgs;

#[derive(Args, Clone, Debug)]
pub(crate) struct ImageArgs {
    /// Whether to read all bytes of an image, to check their digests and find equal contents
    ///
    /// Otherwise only the headers of archives are read. What streams or is compressed has to be
    /// read anyway.
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "always"
    )]
    pub(crate) verify: Verify,

    /// Which image to take of one for several platforms: OS/ARCH or OS/ARCH/VARIANT [default: the
    /// only one, else this machine's]
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// When all bytes of an image are read.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verify {
    /// Where it takes no more than a second or so: up to a gigabyte, and whatever streams
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
