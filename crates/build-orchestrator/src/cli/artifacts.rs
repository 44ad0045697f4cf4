//! What to keep of a build, and what to do with what is kept.

use bytesize::ByteSize;
use clap::{Args, Subcommand};
use common::cli::Format;
use jiff::SignedDuration;
use std::path::PathBuf;

/// What a build puts into a folder of artifacts.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Artifacts")]
pub(crate) struct StoreArgs {
    /// Keep the files and folders that the build exports in DIR, under content addresses
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,

    /// Keep the images there too, as archives for `docker load`
    #[arg(long, requires = "artifacts")]
    pub(crate) artifact_images: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ArtifactsArgs {
    #[command(subcommand)]
    pub(crate) command: ArtifactsCommand,

    /// How to write the report [default: table on a terminal, else json]
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Reports")]
    pub(crate) format: Option<Format>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ArtifactsCommand {
    /// Show what is kept, newest build first
    List {
        /// The folder
        dir: PathBuf,
    },
    /// Read everything that is kept and compare it with its digest
    Verify {
        /// The folder
        dir: PathBuf,
    },
    /// Remove builds, oldest first; what newer ones share with them stays
    Prune(PruneArgs),
}

#[derive(Args, Debug)]
pub(crate) struct PruneArgs {
    /// The folder
    pub(crate) dir: PathBuf,

    /// Remove builds that are older than AGE, such as 30d or 12h
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(crate) max_age: Option<SignedDuration>,

    /// Remove the oldest builds until the rest takes up at most SIZE, such as 10GB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_size: Option<u64>,

    /// Only say what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// A size as people write it, in bytes.
fn size(text: &str) -> Result<u64, String> {
    let size: ByteSize = text
        .parse()
        .map_err(|_| "a size looks like 500MB or 10GB".to_owned())?;
    Ok(size.as_u64())
}

/// An age as people write it, with days of 24 hours.
fn age(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "an age looks like 30d, 12h or 90m".to_owned();
    match text.trim().strip_suffix('d') {
        Some(days) => {
            let days: i64 = days.trim().parse().map_err(|_| wrong())?;
            let hours = days.checked_mul(24).filter(|hours| *hours >= 0);
            SignedDuration::try_from_hours(hours.ok_or_else(wrong)?).ok_or_else(wrong)
        }
        None => text.parse().map_err(|_| wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_may_be_in_days() {
        assert_eq!(age("30d").unwrap(), SignedDuration::from_hours(720));
        assert_eq!(age("90m").unwrap(), SignedDuration::from_mins(90));
        assert!(age("old").is_err());
        assert!(age("-1d").is_err());
    }
}
