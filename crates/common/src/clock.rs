//! The one place that asks what time it is for a report.

use jiff::Timestamp;

use crate::env_vars;
use crate::error::CommandError;

/// The time that a report made now carries: RFC 3339 in UTC, to the millisecond.
///
/// # Errors
///
/// `SOURCE_DATE_EPOCH` is set but not a whole number of seconds since 1970.
/// Source: <https://reproducible-builds.org/specs/source-date-epoch/>
pub fn created_at() -> Result<String, CommandError> {
    let time = match std::env::var(env_vars::SOURCE_DATE_EPOCH) {
        Ok(text) => pinned(&text).ok_or_else(|| {
            CommandError::usage(format!(
                "`{}` must be whole seconds since 1970, but is `{text}`",
                env_vars::SOURCE_DATE_EPOCH
            ))
        })?,
        Err(_) => Timestamp::now(),
    };
    Ok(format!("{time:.3}"))
}

fn pinned(text: &str) -> Option<Timestamp> {
    Timestamp::from_second(text.trim().parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_time_is_taken_as_it_is() {
        let time = pinned("1700000000").unwrap();
        assert_eq!(format!("{time:.3}"), "2023-11-14T22:13:20.000Z");
        assert_eq!(pinned("yesterday"), None);
    }
}
