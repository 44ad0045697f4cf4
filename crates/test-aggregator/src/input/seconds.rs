//! Reads the times of JUnit files: seconds, written as the runner's locale or taste has it.

use crate::model::elapsed::Elapsed;

/// The longest time that is believed.
///
/// Chosen: no test runs ten years; container-structure-test writes nanoseconds, and a second of
/// those makes thirty years.
const SECONDS_MAX: f64 = 10.0 * 365.25 * 24.0 * 3600.0;

/// What a `time` attribute says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// A time, and whether it was written with a decimal comma.
    Certain { us: u64, has_decimal_comma: bool },
    /// A number such as `1,234`, its comma taken as a thousands separator.
    Ambiguous { us: u64 },
    /// No number, or one that no test takes.
    Unusable,
}

impl Time {
    /// The time as the model holds it. `None` when there is none.
    pub(crate) fn elapsed(self) -> Option<Elapsed> {
        match self {
            Self::Certain { us, .. } => Some(Elapsed::certain(us)),
            Self::Ambiguous { us } => Some(Elapsed {
                certain_us: 0,
                ambiguous_us: us,
            }),
            Self::Unusable => None,
        }
    }
}

/// Reads a number of seconds such as `0.25`, `4.5e-05`, `1,234.500` or `0,160`.
pub(crate) fn parse_time(text: &str) -> Time {
    let text = text.trim();
    let Some((whole, fraction)) = text.split_once(',') else {
        return certain(text, false);
    };
    if text.contains('.') || fraction.contains(',') {
        return if are_thousands(text) {
            certain(&text.replace(',', ""), false)
        } else {
            Time::Unusable
        };
    }
    if is_group_head(whole) && fraction.len() == 3 {
        return match certain(&text.replace(',', ""), false) {
            Time::Certain { us, .. } => Time::Ambiguous { us },
            other => other,
        };
    }
    certain(&text.replace(',', "."), true)
}

/// Whether digits can stand before a thousands separator: `0,160` is a decimal comma.
fn is_group_head(digits: &str) -> bool {
    matches!(digits.len(), 1..=3) && is_digits(digits) && !digits.starts_with('0')
}

/// Whether all commas of a number group its whole part by thousands.
fn are_thousands(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    groups.next().is_some_and(is_group_head)
        && groups.all(|group| group.len() == 3 && is_digits(group))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn certain(number: &str, has_decimal_comma: bool) -> Time {
    // Rust's own reading takes `inf`, `nan` and signs too.
    let is_plain = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    match number.parse::<f64>() {
        Ok(seconds) if is_plain && seconds <= SECONDS_MAX => Time::Certain {
            us: microseconds(seconds),
            has_decimal_comma,
        },
        _ => Time::Unusable,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has checked that it is from 0 to `SECONDS_MAX`"
)]
fn microseconds(seconds: f64) -> u64 {
    (seconds * 1e6).round() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(us: u64) -> Time {
        Time::Certain {
            us,
            has_decimal_comma: false,
        }
    }

    fn decimal_comma(us: u64) -> Time {
        Time::Certain {
            us,
            has_decimal_comma: true,
        }
    }

    #[test]
    fn numbers_of_all_runners_are_read() {
        let cases = [
            ("0", plain(0)),
            (" 1.5 ", plain(1_500_000)),
            ("0.000669", plain(669)),
            ("4.5e-05", plain(45)),
            (".25", plain(250_000)),
            ("1,234.500", plain(1_234_500_000)),
            ("1,234,567", plain(1_234_567_000_000)),
            ("0,160", decimal_comma(160_000)),
            ("1,5", decimal_comma(1_500_000)),
            ("1234,567", decimal_comma(1_234_567_000)),
            ("1,234", Time::Ambiguous { us: 1_234_000_000 }),
        ];
        for (text, time) in cases {
            assert_eq!(parse_time(text), time, "{text}");
        }
    }

    #[test]
    fn what_no_test_takes_is_not_believed() {
        let texts = [
            "-0.5",
            "-345345",
            "999638317",
            "inf",
            "nan",
            "1e400",
            "12ms",
            "1.244.415",
            "1,23.5",
            "1,2,3",
            "",
        ];
        for text in texts {
            assert_eq!(parse_time(text), Time::Unusable, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_none(text in ".{0,20}") {
            let _ = parse_time(&text);
        }
    }
}
