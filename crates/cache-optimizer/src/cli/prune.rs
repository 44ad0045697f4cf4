//! Which records of the build cache may go.

use bytesize::ByteSize;
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use common::cli::{EngineArgs, InputArgs, OutputArgs};
use jiff::{Span, SpanRelativeTo};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Debug)]
pub(crate) struct PruneArgs {
    /// Let records of SIZE stay, such as 10GB, not counting what images share
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Budget")]
    pub(crate) keep_bytes: Option<u64>,

    /// Let records stay that were used within DURATION, such as 7d [default: 7d when no size is given]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Budget")]
    pub(crate) keep_newer_than: Option<Duration>,

    /// Free as much as it takes for SIZE or PERCENT of the Engine's disk to be free
    #[arg(long, value_name = "SIZE|PERCENT", value_parser = room, help_heading = "Budget")]
    pub(crate) min_free: Option<RoomArg>,

    /// In which order records go
    #[arg(
        long,
        value_name = "STRATEGY",
        env = "CACHE_STRATEGY",
        default_value = "value",
        value_parser = strategy,
        help_heading = "Budget"
    )]
    pub(crate) strategy: StrategyArg,

    /// Delete what the plan says, instead of printing it
    #[arg(
        long,
        env = "CLEANUP_OLD_CACHES",
        value_parser = FalseyValueParser::new(),
        help_heading = "Budget"
    )]
    pub(crate) apply: bool,

    /// Print the plan only, whatever `CLEANUP_OLD_CACHES` says; this is the default
    #[arg(long, help_heading = "Budget")]
    pub(crate) dry_run: bool,

    /// Take the times of steps from the build reports in DIR too
    #[arg(long, value_name = "DIR", help_heading = "Reports")]
    pub(crate) history: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// In which order records go.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StrategyArg {
    /// Those whose loss costs least for each byte first
    Value,
    /// Those that were not used for longest first
    Lru,
}

/// Room on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoomArg {
    /// Bytes.
    Bytes(u64),
    /// Percent of the disk.
    Percent(u8),
}

/// An environment variable that is set to nothing, as compose files leave it, asks for the default.
fn strategy(text: &str) -> Result<StrategyArg, String> {
    if text.is_empty() {
        return Ok(StrategyArg::Value);
    }
    StrategyArg::from_str(text, true).map_err(|_| "there are value and lru".to_owned())
}

fn size(text: &str) -> Result<u64, String> {
    let parsed: Result<ByteSize, _> = text.parse();
    parsed
        .map(|size| size.as_u64())
        .map_err(|_| "a size looks like 500MB, 10GB or 2GiB".to_owned())
}

fn room(text: &str) -> Result<RoomArg, String> {
    let Some(percent) = text.strip_suffix('%') else {
        return size(text).map(RoomArg::Bytes);
    };
    let percent: Option<u8> = percent.trim_end().parse().ok();
    let percent = percent.filter(|percent| *percent <= 100);
    percent
        .map(RoomArg::Percent)
        .ok_or_else(|| "a part of the disk is 0% to 100%".to_owned())
}

/// A span of time; a day has 24 hours.
fn duration(text: &str) -> Result<Duration, String> {
    let span = text.parse::<Span>().ok();
    let span = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let duration = span.and_then(|span| Duration::try_from(span).ok());
    duration.ok_or_else(|| "a duration looks like 90s, 12h or 7d".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_decimal_unless_they_say_otherwise() {
        assert_eq!(size("10GB"), Ok(10_000_000_000));
        assert_eq!(size("2GiB"), Ok(2_147_483_648));
        assert_eq!(size("512"), Ok(512));
        assert!(size("much").is_err());
    }

    #[test]
    fn room_is_a_size_or_a_part_of_the_disk() {
        assert_eq!(room("20%"), Ok(RoomArg::Percent(20)));
        assert_eq!(room("5 GB"), Ok(RoomArg::Bytes(5_000_000_000)));
        assert!(room("120%").is_err());
    }

    #[test]
    fn an_age_may_be_given_in_days() {
        assert_eq!(duration("7d"), Ok(Duration::from_hours(168)));
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert!(duration("-1h").is_err());
    }

    #[test]
    fn a_strategy_that_is_set_to_nothing_is_the_default() {
        assert_eq!(strategy(""), Ok(StrategyArg::Value));
        assert_eq!(strategy("LRU"), Ok(StrategyArg::Lru));
        assert!(strategy("inline").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_value_or_an_error(text: String) {
            let _ = (size(&text), room(&text), duration(&text), strategy(&text));
        }
    }
}
