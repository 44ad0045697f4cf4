//! Arguments on what images have to keep.

use clap::Args;
use std::path::PathBuf;

use super::size::size;

/// The limits, and what they apply to.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Gates")]
pub(crate) struct GateArgs {
    /// Fail if the bytes that a container sees are less than RATIO of all, such as 0.95 or 95%
    #[arg(long, value_name = "RATIO", value_parser = ratio)]
    pub(crate) min_efficiency: Option<f64>,

    /// Fail if more than SIZE is stored that no container sees, such as 10MB or 1GiB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_wasted_bytes: Option<u64>,

    /// Fail if more than RATIO of all bytes is stored and seen by no container
    #[arg(long, value_name = "RATIO", value_parser = ratio)]
    pub(crate) max_wasted_ratio: Option<f64>,

    /// Fail if the layers have more than SIZE together
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_size: Option<u64>,

    /// Fail if a layer has more than SIZE
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_layer_size: Option<u64>,

    /// Fail if the layers have grown by more than GROWTH since the baseline, such as 5MB or 10%
    #[arg(long, value_name = "GROWTH", value_parser = growth, requires = "baseline")]
    pub(crate) max_growth: Option<GrowthArg>,

    /// Compare sizes with those of the layer reports in FILE
    #[arg(long, value_name = "FILE", requires = "max_growth")]
    pub(crate) baseline: Option<PathBuf>,

    /// Fail if there is a finding of RULE (can be repeated)
    #[arg(long, value_name = "RULE")]
    pub(crate) fail_on: Vec<String>,

    /// Apply the limits to the layers above the base image only
    #[arg(long)]
    pub(crate) own: bool,

    /// Keep the rules of FILE, in dive's format and on dive's measures [default: .dive-ci, if it
    /// exists]
    #[arg(long, value_name = "FILE")]
    pub(crate) dive_ci: Option<PathBuf>,
}

/// How much an image may grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum GrowthArg {
    /// By so many bytes.
    Bytes(u64),
    /// By such a share of what it was.
    Ratio(f64),
}

/// A part of a whole: `0.95` or `95%`.
fn ratio(text: &str) -> Result<f64, String> {
    let ratio = match text.strip_suffix('%') {
        Some(_) => percent(text),
        None => text.trim().parse().ok(),
    };
    let wrong = || "a ratio is between 0 and 1, as 0.95 or 95%".to_owned();
    ratio
        .filter(|ratio| (0.0..=1.0).contains(ratio))
        .ok_or_else(wrong)
}

/// A size, or a share that can be more than all.
fn growth(text: &str) -> Result<GrowthArg, String> {
    if !text.ends_with('%') {
        return size(text).map(GrowthArg::Bytes);
    }
    let ratio = percent(text).filter(|ratio| ratio.is_finite() && *ratio >= 0.0);
    let wrong = || "a growth looks like 5MB or 10%".to_owned();
    ratio.map(GrowthArg::Ratio).ok_or_else(wrong)
}

fn percent(text: &str) -> Option<f64> {
    let percent: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
    Some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_unless_they_say_otherwise() {
        let cases = [
            ("0", 0),
            ("640", 640),
            ("500k", 500_000),
            ("10MB", 10_000_000),
            ("1GiB", 1 << 30),
            ("1.5 MB", 1_500_000),
        ];
        for (text, bytes) in cases {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "-1", "10XB", "ten"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_ratio_is_a_part_of_a_whole() {
        assert_eq!(ratio("0.95"), Ok(0.95));
        assert_eq!(ratio("95%"), Ok(0.95));
        assert_eq!(ratio("1"), Ok(1.0));
        for text in ["95", "-0.1", "101%", "NaN", "", "%"] {
            assert!(ratio(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_growth_is_a_size_or_a_share() {
        assert_eq!(growth("5MB"), Ok(GrowthArg::Bytes(5_000_000)));
        assert_eq!(growth("10%"), Ok(GrowthArg::Ratio(0.1)));
        assert_eq!(growth("150%"), Ok(GrowthArg::Ratio(1.5)));
        for text in ["-5%", "inf%", "%", "five"] {
            assert!(growth(text).is_err(), "{text}");
        }
    }
}
