//! What a recorded build would take under other conditions.

use clap::Args;
use std::num::NonZeroU32;
use std::path::PathBuf;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What if")]
pub(crate) struct WhatIfArgs {
    /// Say what the build of a report would take, instead of planning one; `-` is standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["targets", "file", "target", "all_stages"]
    )]
    pub(crate) from_report: Option<PathBuf>,

    /// With at most N targets at once [default: as recorded]
    #[arg(long, value_name = "N", requires = "from_report")]
    pub(crate) parallel: Option<NonZeroU32>,

    /// With a step that takes a part of its time, as in `app/build/3=2x` (can be repeated)
    #[arg(long, value_name = "STEP=FACTOR", value_parser = speed_up, requires = "from_report")]
    pub(crate) speed_up: Vec<SpeedUp>,

    /// With a step that comes from the cache (can be repeated)
    #[arg(long, value_name = "STEP", requires = "from_report")]
    pub(crate) cached: Vec<String>,
}

/// A step, and how many times as fast it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpeedUp {
    /// The step's id.
    pub(crate) step: String,
    /// More than 0.
    pub(crate) factor: f64,
}

/// A step's id can hold `=`, a factor cannot.
fn speed_up(text: &str) -> Result<SpeedUp, String> {
    let malformed = || "it has to be a step and a factor, as in `app/build/3=2x`".to_owned();
    let (step, factor) = text.rsplit_once('=').ok_or_else(malformed)?;
    let factor = factor.strip_suffix('x').unwrap_or(factor);
    let factor: f64 = factor.parse().map_err(|_| malformed())?;
    if !(factor.is_finite() && factor > 0.0) {
        return Err("the factor has to be more than 0".to_owned());
    }
    Ok(SpeedUp {
        step: step.to_owned(),
        factor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_speed_up_is_a_step_and_a_factor() {
        let expected = SpeedUp {
            step: "app/a=b/3".to_owned(),
            factor: 1.5,
        };
        assert_eq!(speed_up("app/a=b/3=1.5x").unwrap(), expected);
        assert_eq!(speed_up("app/a=b/3=1.5").unwrap(), expected);
        for wrong in [
            "app/3",
            "app/3=",
            "app/3=fast",
            "app/3=0x",
            "app/3=-1",
            "a=inf",
            "a=nan",
        ] {
            assert!(speed_up(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_speed_up_or_an_error(text in "\\PC*") {
            let _ = speed_up(&text);
        }
    }
}
