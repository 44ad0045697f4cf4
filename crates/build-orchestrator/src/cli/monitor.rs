//! Which containers to follow, how long, and where what is seen goes.

use clap::Args;
use common::cli::{EngineArgs, InputArgs, OutputArgs};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Debug)]
pub(crate) struct MonitorArgs {
    /// The containers, by name or id [default: all that run, now or later]
    #[arg(value_name = "CONTAINER", conflicts_with_all = ["project", "label"])]
    pub(crate) containers: Vec<String>,

    /// Follow the containers of a compose project
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,

    /// Follow the containers with a label (can be repeated; all have to be there)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) label: Vec<String>,

    /// Take a sample every so often, in whole seconds
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = interval_s)]
    pub(crate) interval: u64,

    /// End after this time [default: at Ctrl-C, or when no container runs any longer]
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(crate) duration: Option<Duration>,

    /// Write every sample as a line of JSON; `-` is standard output
    #[arg(long, value_name = "FILE", help_heading = "Views")]
    pub(crate) samples: Option<PathBuf>,

    /// Serve `/metrics` for Prometheus and `/healthz`, and wait for containers even when none runs
    #[arg(long, value_name = "ADDR:PORT", help_heading = "Views")]
    pub(crate) metrics_listen: Option<SocketAddr>,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Reads a time such as `90s`, `2m`, `1h30m`, or a number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let fault = || format!("`{text}` is not a time such as `500ms`, `90s`, `2m` or `1h30m`");
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let mut total_ms: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let is_unit = |c: char| !c.is_ascii_digit();
        let (number, tail) = rest.split_at(rest.find(is_unit).ok_or_else(fault)?);
        let end = tail.find(|c: char| c.is_ascii_digit());
        let (unit, tail) = tail.split_at(end.unwrap_or(tail.len()));
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(fault()),
        };
        let number: u64 = number.parse().map_err(|_| fault())?;
        let part_ms = number.checked_mul(unit_ms).ok_or_else(fault)?;
        total_ms = total_ms.checked_add(part_ms).ok_or_else(fault)?;
        rest = tail;
    }
    if text.is_empty() {
        return Err(fault());
    }
    Ok(Duration::from_millis(total_ms))
}

/// The Engine measures once a second, so nothing in between can be had.
fn interval_s(text: &str) -> Result<u64, String> {
    let duration = duration(text)?;
    if duration.is_zero() || duration.subsec_nanos() != 0 {
        return Err(format!(
            "`{text}` is not a whole number of seconds: the Engine measures once a second"
        ));
    }
    Ok(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_with_their_units() {
        let cases = [
            ("90", 90_000),
            ("90s", 90_000),
            ("500ms", 500),
            ("1h30m", 5_400_000),
            ("2m5s", 125_000),
        ];
        for (text, ms) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "s", "1d", "1m30", "-1s", "1.5s", "99999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_interval_is_whole_seconds() {
        assert_eq!(interval_s("2m"), Ok(120));
        assert!(interval_s("0s").is_err());
        assert!(interval_s("1500ms").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_an_error(text in ".*") {
            let _ = duration(&text);
        }
    }
}
