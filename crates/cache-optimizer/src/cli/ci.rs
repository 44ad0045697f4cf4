//! Where the cache could be kept between CI runs.

use bytesize::ByteSize;
use clap::Args;
use common::cli::{InputArgs, OutputArgs};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct CiArgs {
    /// Take how often steps are reused from the build reports in DIR too
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,

    /// How much of layers, before compression, moves to or from where the cache is kept in a second
    #[arg(long, value_name = "SIZE", value_parser = bandwidth, default_value = "50MB")]
    pub(crate) bandwidth: u64,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Bytes a second, of which there are some.
fn bandwidth(text: &str) -> Result<u64, String> {
    let size: Option<ByteSize> = text.trim_end_matches("/s").parse().ok();
    let bytes = size.map(|size| size.as_u64()).filter(|&bytes| bytes > 0);
    bytes.ok_or_else(|| "a bandwidth looks like 50MB or 1GiB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bandwidth_is_a_size_that_is_not_nothing() {
        assert_eq!(bandwidth("50MB"), Ok(50_000_000));
        assert_eq!(bandwidth("50MB/s"), Ok(50_000_000));
        assert!(bandwidth("0").is_err() && bandwidth("fast").is_err());
    }
}
