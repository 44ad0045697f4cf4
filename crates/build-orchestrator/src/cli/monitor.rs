//! Which containers to follow, how long, and where what is seen goes.

use clap::Args;
use common::cli::{EngineArgs, InputArgs, OutputArgs};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::duration::duration;

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

    #[test]
    fn an_interval_is_whole_seconds() {
        assert_eq!(interval_s("2m"), Ok(120));
        assert!(interval_s("0s").is_err());
        assert!(interval_s("1500ms").is_err());
    }
}
