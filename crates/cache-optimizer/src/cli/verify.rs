//! Which patches are measured, and how.

use clap::Args;
use common::cli::{EngineArgs, InputArgs, OutputArgs};
use jiff::SignedDuration;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use super::fix::PatchArgs;

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// Dockerfiles whose patches are measured, beside those of a build report if there is one
    #[arg(value_name = "DOCKERFILE")]
    pub(crate) dockerfiles: Vec<PathBuf>,

    /// The build context of the Dockerfiles [default: the folder of each]
    #[arg(long, value_name = "DIR", requires = "dockerfiles")]
    pub(crate) context: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) patches: PatchArgs,

    /// Measure FILE, a Dockerfile made by hand, instead of what rules offer
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["rule", "line", "confidence", "together"],
        help_heading = "Patches"
    )]
    pub(crate) patched: Option<PathBuf>,

    /// Measure all patches as one, as `fix --write` applies them [default: each by itself]
    #[arg(long, help_heading = "Patches")]
    pub(crate) together: bool,

    #[command(flatten)]
    pub(crate) replay: ReplayArgs,

    #[command(flatten)]
    pub(crate) build: BuildArgs,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Which changes are replayed, and how often.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Changes")]
pub(crate) struct ReplayArgs {
    /// Change PATHs of the context, all at once (can be repeated: each `--change` is a rebuild)
    #[arg(long, value_name = "PATH,…")]
    pub(crate) change: Vec<String>,

    /// Change what each of the last N commits changed [default: a file that the finding's
    /// instruction copies]
    #[arg(long, value_name = "N")]
    pub(crate) commits: Option<NonZeroU32>,

    /// Measure each rebuild N times
    #[arg(long, value_name = "N", default_value = "3")]
    pub(crate) runs: NonZeroU32,

    /// Stop measuring after DURATION, such as 90s or 1h30m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) max_time: Option<Duration>,
}

/// How the Dockerfiles are built.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Build")]
pub(crate) struct BuildArgs {
    /// Build STAGE instead of the last one [default: that of the build report]
    #[arg(long, visible_alias = "target", value_name = "STAGE")]
    pub(crate) stage: Option<String>,

    /// Set a build argument (can be repeated; without VALUE it is taken from the environment)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) build_arg: Vec<String>,
}

/// A span of time that is not empty.
fn duration(text: &str) -> Result<Duration, String> {
    let span: SignedDuration = text
        .parse()
        .map_err(|_| "a duration looks like 500ms, 90s, 10m or 1h 30m".to_owned())?;
    let span = Duration::try_from(span).ok().filter(|span| !span.is_zero());
    span.ok_or_else(|| "a time limit is longer than nothing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_have_units() {
        for (text, ms) in [
            ("500ms", 500),
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("1m 30s", 90_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "30", "s", "-1s", "0s", "99999999999999999999h", "5é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_span_or_refused(text in ".{0,12}") {
            let _ = duration(&text);
        }
    }
}
