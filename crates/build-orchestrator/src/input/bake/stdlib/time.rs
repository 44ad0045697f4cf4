//! Times.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use super::super::value::Value;
use super::{Arguments, Function};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("formatdate", format_date),
    ("timeadd", |a| {
        let (text, duration) = (a.text()?, a.text()?);
        let (time, offset) = time(&text)?;
        let later = go_duration(&duration).and_then(|duration| time.checked_add(duration).ok());
        let later = later.ok_or_else(|| format!("`{duration}` is no duration such as `1h30m`"))?;
        Ok(Value::Text(rfc3339(later, offset)))
    }),
    ("timestamp", |_| {
        Ok(Value::Text(rfc3339(now()?, Offset::UTC)))
    }),
    ("unixtimestampparse", |a| {
        #[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
        let seconds = a.number()?.floor() as i64;
        let time = Timestamp::from_second(seconds);
        let time = time.map_err(|_| format!("`{seconds}` lies too far away"))?;
        Ok(parts(time))
    }),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// Now, unless `SOURCE_DATE_EPOCH` pins the time.
fn now() -> Result<Timestamp, String> {
    match std::env::var(common::env_vars::SOURCE_DATE_EPOCH) {
        Ok(text) => {
            let seconds = text.trim().parse().ok();
            let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
            time.ok_or_else(|| format!("`SOURCE_DATE_EPOCH` is `{text}`, not whole seconds"))
        }
        Err(_) => Ok(Timestamp::now()),
    }
}

fn time(text: &str) -> Result<(Timestamp, Offset), String> {
    let wrong = || format!("`{text}` is no time such as `2006-01-02T15:04:05Z`");
    let time: Timestamp = text.parse().map_err(|_| wrong())?;
    let pieces = jiff::fmt::temporal::Pieces::parse(text).map_err(|_| wrong())?;
    Ok((time, pieces.to_numeric_offset().unwrap_or(Offset::UTC)))
}

fn rfc3339(time: Timestamp, offset: Offset) -> String {
    let local = offset
        .to_datetime(time)
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    if offset == Offset::UTC {
        local + "Z"
    } else {
        local + &offset_text(offset, ":")
    }
}

fn offset_text(offset: Offset, separator: &str) -> String {
    let sign = if offset.seconds() < 0 { '-' } else { '+' };
    let minutes = offset.seconds().abs() / 60;
    format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
}

/// A duration as Go writes it: `1h30m`, `-2.5s`, `10ms`.
fn go_duration(text: &str) -> Option<SignedDuration> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() && rest != "0" {
        let digits = rest.find(|c: char| c.is_alphabetic())?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        seconds += number
            * match &rest[..end] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[end..];
    }
    SignedDuration::try_from_secs_f64(sign * seconds).ok()
}

/// Source: <https://pkg.go.dev/github.com/zclconf/go-cty/cty/function/stdlib#FormatDate>
fn format_date(arguments: &mut Arguments) -> Result<Value, String> {
    let (pattern, text) = (arguments.text()?, arguments.text()?);
    let (time, offset) = time(&text)?;
    let local = offset.to_datetime(time);
    let mut formatted = String::new();
    let mut rest = pattern.as_str();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let end = rest[1..].find('\'').ok_or("a quote is not closed")?;
            let quoted = &rest[1..=end];
            formatted.push_str(if quoted.is_empty() { "'" } else { quoted });
            rest = &rest[end + 2..];
            continue;
        }
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let verb = &rest[..end];
        rest = &rest[end..];
        if first.is_ascii_alphabetic() {
            formatted.push_str(&date_part(verb, local, offset)?);
        } else {
            formatted.push_str(verb);
        }
    }
    Ok(Value::Text(formatted))
}

fn date_part(verb: &str, local: DateTime, offset: Offset) -> Result<String, String> {
    let month = MONTHS[usize::from(local.month().unsigned_abs()) - 1];
    let weekday = WEEKDAYS[usize::from(local.weekday().to_sunday_zero_offset().unsigned_abs())];
    let half = if local.hour() < 12 { "am" } else { "pm" };
    let hour = (local.hour() + 11) % 12 + 1;
    let zulu = |separator| {
        if offset == Offset::UTC {
            "Z".to_owned()
        } else {
            offset_text(offset, separator)
        }
    };
    Ok(match verb {
        "YYYY" => format!("{:04}", local.year()),
        "YY" => format!("{:02}", local.year() % 100),
        "MMMM" => month.to_owned(),
        "MMM" => month[..3].to_owned(),
        "MM" => format!("{:02}", local.month()),
        "M" => local.month().to_string(),
        "DD" => format!("{:02}", local.day()),
        "D" => local.day().to_string(),
        "EEEE" => weekday.to_owned(),
        "EEE" => weekday[..3].to_owned(),
        "hh" => format!("{:02}", local.hour()),
        "h" => local.hour().to_string(),
        "HH" => format!("{hour:02}"),
        "H" => hour.to_string(),
        "AA" => half.to_uppercase(),
        "aa" => half.to_owned(),
        "mm" => format!("{:02}", local.minute()),
        "m" => local.minute().to_string(),
        "ss" => format!("{:02}", local.second()),
        "s" => local.second().to_string(),
        "ZZZZZ" => offset_text(offset, ":"),
        "ZZZ" if offset == Offset::UTC => "UTC".to_owned(),
        "ZZZZ" | "ZZZ" => offset_text(offset, ""),
        "Z" => zulu(":"),
        other => return Err(format!("`{other}` is no part of a date")),
    })
}

fn parts(time: Timestamp) -> Value {
    let local = Offset::UTC.to_datetime(time);
    let week = local.date().iso_week_date();
    let month = MONTHS[usize::from(local.month().unsigned_abs()) - 1];
    let weekday = local.weekday().to_sunday_zero_offset();
    let numbers = [
        ("year", i32::from(local.year())),
        ("year_day", i32::from(local.day_of_year())),
        ("month", i32::from(local.month())),
        ("day", i32::from(local.day())),
        ("weekday", i32::from(weekday)),
        ("hour", i32::from(local.hour())),
        ("minute", i32::from(local.minute())),
        ("second", i32::from(local.second())),
        ("iso_year", i32::from(week.year())),
        ("iso_week", i32::from(week.week())),
    ];
    let texts = [
        ("rfc3339", rfc3339(time, Offset::UTC)),
        ("month_name", month.to_owned()),
        (
            "weekday_name",
            WEEKDAYS[usize::from(weekday.unsigned_abs())].to_owned(),
        ),
    ];
    let numbers = numbers.map(|(name, number)| (name.to_owned(), Value::Number(number.into())));
    let texts = texts.map(|(name, text)| (name.to_owned(), Value::Text(text)));
    Value::Map(numbers.into_iter().chain(texts).collect::<BTreeMap<_, _>>())
}
