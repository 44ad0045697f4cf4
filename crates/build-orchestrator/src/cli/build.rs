//! How to build.

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use common::cli::{EngineArgs, InputArgs, OutputArgs};
use std::num::{NonZeroU32, ParseIntError};
use std::time::Duration;

use super::artifacts::StoreArgs;
use super::checks::BuildChecksArgs;
use super::duration::duration;
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

    /// Where to keep caches beside the Engine's own
    #[arg(
        long,
        value_name = "STRATEGY",
        env = "BUILD_CACHE_STRATEGY",
        default_value = "local",
        value_parser = cache_strategy,
        help_heading = "Build"
    )]
    pub(crate) cache_strategy: CacheStrategyArg,

    /// Go on with the other targets when one fails; this is the default
    #[arg(long, conflicts_with = "fail_fast", help_heading = "Failures")]
    pub(crate) keep_going: bool,

    /// End the build at the first failure: running targets are cancelled
    #[arg(long, help_heading = "Failures")]
    pub(crate) fail_fast: bool,

    /// Give a target up that takes longer than DURATION, such as 90s or 10m
    #[arg(long, value_name = "DURATION", value_parser = timeout, help_heading = "Failures")]
    pub(crate) timeout: Option<Duration>,

    /// Try up to N times again when a registry or the network fails
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Failures")]
    pub(crate) retries: u32,

    /// Push the images of the targets asked for, once all are built
    #[arg(
        long,
        env = "PUSH_IMAGES",
        value_parser = FalseyValueParser::new(),
        help_heading = "Build"
    )]
    pub(crate) push: bool,

    /// Keep each stage that others copy files from as an image too, for `layer-analyzer` to trace
    /// the files through `COPY --from`
    ///
    /// The images have no name, but the label `build-orchestrator.stage`. They are made from the
    /// cache once all targets are built.
    #[arg(long, help_heading = "Build")]
    pub(crate) stage_images: bool,

    #[command(flatten)]
    pub(crate) inputs: InputsArgs,

    #[command(flatten)]
    pub(crate) progress: ProgressArgs,

    #[command(flatten)]
    pub(crate) artifacts: StoreArgs,

    #[command(flatten)]
    pub(crate) files: FileArgs,

    #[command(flatten)]
    pub(crate) checks: BuildChecksArgs,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Where caches are kept.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheStrategyArg {
    /// In the Engine only
    Local,
    /// Nowhere: every step runs again
    None,
    /// In the images, which are also read
    #[value(alias = "aggressive")]
    Inline,
    /// In the registry, beside each image
    Registry,
}

/// An environment variable that is set to nothing asks for the default, as with `parallel`.
fn cache_strategy(text: &str) -> Result<CacheStrategyArg, String> {
    if text.is_empty() {
        return Ok(CacheStrategyArg::Local);
    }
    CacheStrategyArg::from_str(text, false)
        .map_err(|_| "there are local, none, inline and registry".to_owned())
}

/// A span of time that is not empty.
fn timeout(text: &str) -> Result<Duration, String> {
    let span = duration(text)?;
    let wrong = || "a time limit is longer than nothing".to_owned();
    Some(span).filter(|span| !span.is_zero()).ok_or_else(wrong)
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

    #[test]
    fn a_time_limit_is_longer_than_nothing() {
        assert_eq!(timeout("10m"), Ok(Duration::from_mins(10)));
        assert!(timeout("0s").is_err());
    }

    #[test]
    fn a_cache_strategy_has_a_default_and_an_alias() {
        assert_eq!(cache_strategy(""), Ok(CacheStrategyArg::Local));
        assert_eq!(cache_strategy("aggressive"), Ok(CacheStrategyArg::Inline));
        assert!(cache_strategy("remote").is_err());
    }
}
