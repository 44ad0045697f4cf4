//! How amounts are written for people. Reports carry plain numbers; see their field names.

/// Writes bytes with a decimal unit and three digits: `1.41 MB`.
///
/// Decimal, because `docker images` and registries count so.
pub fn format_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    // 999.5 would be written as `1000`, so it is the next unit's turn.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{} {}", three_digits(value), UNITS[unit])
}

/// Writes milliseconds in the unit that reads best: `640 ms`, `1.25 s`, `3m 07s`, `2h 05m`.
pub fn format_duration(duration_ms: u64) -> String {
    let seconds = (duration_ms + 500) / 1000;
    match duration_ms {
        0..1000 => format!("{duration_ms} ms"),
        1000..59_950 => format!("{} s", three_digits(duration_ms as f64 / 1000.0)),
        59_950..3_599_500 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Writes a time as RFC 3339 in UTC, with the digits of a second that are not zero:
/// `2024-02-29T12:00:00.5Z`. `None` for years that have not four digits, and for the last day of
/// 9999, which is over in some time zone.
pub fn format_timestamp(seconds: i64, nanoseconds: u32) -> Option<String> {
    let time = jiff::Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()?;
    let text = time.to_string();
    // Years before 0 start with a sign, and RFC 3339 knows none.
    (!text.starts_with('-')).then_some(text)
}

/// Writes a ratio as a percentage with one decimal: `97.3 %`.
pub fn format_ratio(ratio: f64) -> String {
    format!("{:.1} %", ratio * 100.0)
}

/// `part / whole`, and `None` when there is no whole, so that no report ever holds a NaN.
pub fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Writes a count with its noun: `1 file`, `2 files`, `2 patches`.
pub fn format_count(count: u64, noun: &str) -> String {
    let plural = match count {
        1 => "",
        _ if noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{count} {noun}{plural}")
}

/// The number that a text of this module stands for, to sort by: bytes, milliseconds, percent, or a
/// plain count. `None` for any other text.
pub fn magnitude(text: &str) -> Option<f64> {
    let unsigned = text.trim_start_matches(['+', '-']);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let mut rest = unsigned;
    let mut sum = 0.0;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, after) = rest.split_at(end.unwrap_or(rest.len()));
        let after = after.trim_start();
        let end = after.find(|c: char| c == ' ' || c.is_ascii_digit());
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        sum += number.parse::<f64>().ok()? * unit_factor(unit)?;
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(sign * sum);
        }
    }
}

fn unit_factor(unit: &str) -> Option<f64> {
    Some(match unit {
        "" | "B" | "ms" | "%" => 1.0,
        "kB" | "s" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        "PB" => 1e15,
        "EB" => 1e18,
        "m" => 60e3,
        "h" => 3600e3,
        _ => return None,
    })
}

fn three_digits(value: f64) -> String {
    match value {
        v if v < 9.995 => format!("{v:.2}"),
        v if v < 99.95 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_have_three_digits_and_a_decimal_unit() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 kB"),
            (1_412_000, "1.41 MB"),
            (12_340_000, "12.3 MB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (u64::MAX, "18.4 EB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(format_bytes(bytes), text);
        }
    }

    #[test]
    fn durations_are_written_in_the_unit_that_reads_best() {
        let cases = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1.00 s"),
            (12_340, "12.3 s"),
            (59_949, "59.9 s"),
            (59_950, "1m 00s"),
            (187_000, "3m 07s"),
            (3_599_499, "59m 59s"),
            (3_599_500, "1h 00m"),
            (7_500_000, "2h 05m"),
        ];
        for (duration_ms, text) in cases {
            assert_eq!(format_duration(duration_ms), text);
        }
    }

    #[test]
    fn times_are_written_where_rfc_3339_can() {
        let cases = [
            (0, 0, Some("1970-01-01T00:00:00Z")),
            (1_709_208_000, 500_000_000, Some("2024-02-29T12:00:00.5Z")),
            (-1, 0, Some("1969-12-31T23:59:59Z")),
            (-1, 999_999_999, Some("1969-12-31T23:59:59.999999999Z")),
            (253_402_207_200, 0, Some("9999-12-30T22:00:00Z")),
            (i64::MAX, 0, None),
            (-62_167_219_201, 0, None),
        ];
        for (seconds, nanoseconds, text) in cases {
            assert_eq!(
                format_timestamp(seconds, nanoseconds).as_deref(),
                text,
                "{seconds}"
            );
        }
    }

    #[test]
    fn a_ratio_without_a_whole_is_none() {
        assert_eq!(ratio(1, 4), Some(0.25));
        assert_eq!(ratio(0, 0), None);
    }

    #[test]
    fn what_is_written_for_people_can_be_sorted() {
        let cases = [
            ("20", Some(20.0)),
            ("999 B", Some(999.0)),
            ("1.41 MB", Some(1_410_000.0)),
            ("12.3 s", Some(12_300.0)),
            ("3m 07s", Some(187_000.0)),
            ("2h 05m", Some(7_500_000.0)),
            ("97.3 %", Some(97.3)),
            ("-1.50 s", Some(-1500.0)),
            ("+1.50 s", Some(1500.0)),
            ("-", None),
            ("", None),
            ("2 files", None),
            ("src/2", None),
        ];
        for (text, expected) in cases {
            assert_eq!(magnitude(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn sorting_what_is_written_sorts_what_was_meant(a: u64, b: u64) {
            for format in [format_bytes, format_duration] {
                let (small, large) = (format(a.min(b)), format(a.max(b)));
                prop_assert!(magnitude(&small).unwrap() <= magnitude(&large).unwrap());
            }
        }

        #[test]
        fn any_text_has_a_magnitude_or_none(text: String) {
            magnitude(&text);
        }
    }
}
