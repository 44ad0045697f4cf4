//! How to build.

use clap::Args;
use clap::builder::FalseyValueParser;
use common::cli::{EngineArgs, InputArgs, OutputArgs};
use std::num::{NonZeroU32, ParseIntError};

use super::files::FileArgs;
use super::inputs::InputsArgs;
use super::progress::ProgressArgs;
use super::project::ProjectArgs;

#[derive(Args, Debug)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    /// Build at most N targets at once; each keeps about one processor busy
    #[arg(
        long,
        value_name = "N",
        env = "PARALLEL_BUILDS",
        default_value_t = processors(),
        value_parser = parallel,
        help_heading = "Build"
    )]
    pub(crate) parallel: NonZeroU32,

    /// Run every step again, whatever the cache holds
    #[arg(long, env = "NO_CACHE", value_parser = FalseyValueParser::new(), help_heading = "Build")]
    pub(crate) no_cache: bool,

    #[command(flatten)]
    pub(crate) inputs: InputsArgs,

    #[command(flatten)]
    pub(crate) progress: ProgressArgs,

    #[command(flatten)]
    pub(crate) files: FileArgs,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

fn processors() -> NonZeroU32 {
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let count = u32::try_from(count).ok().and_then(NonZeroU32::new);
    count.unwrap_or(NonZeroU32::MIN)
}

/// An environment variable that is set to nothing, as compose files leave it, asks for the default.
fn parallel(text: &str) -> Result<NonZeroU32, ParseIntError> {
    if text.is_empty() {
        return Ok(processors());
    }
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_number_of_parallel_builds_is_the_default() {
        assert_eq!(parallel("").unwrap(), processors());
        assert_eq!(parallel("3").unwrap().get(), 3);
        assert!(parallel("0").is_err());
    }
}
