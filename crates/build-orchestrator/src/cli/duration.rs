//! Spans of time, as people write them.

use jiff::SignedDuration;
use std::time::Duration;

/// Reads a span such as `500ms`, `90s`, `10m` or `1h 30m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let span: SignedDuration = text
        .parse()
        .map_err(|_| "a duration looks like 500ms, 90s, 10m or 1h 30m".to_owned())?;
    Duration::try_from(span).map_err(|_| "a duration is not below nothing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_have_units() {
        let cases = [
            ("90s", 90_000),
            ("500ms", 500),
            ("1h30m", 5_400_000),
            ("1m 30s", 90_000),
        ];
        for (text, ms) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "30", "s", "-1s", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_span_or_refused(text in "[0-9hms. -]{0,12}") {
            let _ = duration(&text);
        }
    }
}
