//! PAX records: `LENGTH KEY=VALUE` and a line break, where the value can hold any byte.
//!
//! Source: POSIX pax, section "pax Extended Header".

use super::header::clamp;
use super::{Extensions, TarError};
use crate::model::entry::Xattr;

/// What GNU tar, Docker and BuildKit put before the name of an extended attribute.
const XATTR_PREFIX: &[u8] = b"SCHILY.xattr.";

/// Reads the records that matter for a member.
pub(super) fn read(
    mut records: &[u8],
    offset: u64,
    extensions: &mut Extensions,
) -> Result<(), TarError> {
    while !records.is_empty() {
        let Some((key, value, rest)) = split_record(records) else {
            return Err(TarError::Field {
                offset,
                field: "pax records",
            });
        };
        record(key, value, extensions).ok_or(TarError::Field {
            offset,
            field: "pax records",
        })?;
        records = rest;
    }
    Ok(())
}

/// Takes one record. An empty value takes back what was said; `None` when the value is malformed.
fn record(key: &[u8], value: &[u8], extensions: &mut Extensions) -> Option<()> {
    let text = || Some(value.to_vec()).filter(|value| !value.is_empty());
    match key {
        b"path" => extensions.path = text(),
        b"linkpath" => extensions.link = text(),
        b"GNU.sparse.name" => extensions.sparse_path = text(),
        b"size" => take(&mut extensions.size_bytes, value, decimal)?,
        b"GNU.sparse.size" | b"GNU.sparse.realsize" => {
            take(&mut extensions.real_size_bytes, value, decimal)?;
        }
        b"uid" => take(&mut extensions.user_id, value, id)?,
        b"gid" => take(&mut extensions.group_id, value, id)?,
        b"mtime" => take(&mut extensions.mtime, value, time)?,
        _ => {
            if let Some(name) = key.strip_prefix(XATTR_PREFIX) {
                extensions.xattrs.push(Xattr {
                    name: name.into(),
                    value: value.into(),
                });
            }
        }
    }
    Some(())
}

/// Takes a value into `field`: an empty one takes back what was said. `None` when it is malformed.
fn take<T>(field: &mut Option<T>, value: &[u8], read: fn(&[u8]) -> Option<T>) -> Option<()> {
    *field = if value.is_empty() {
        None
    } else {
        Some(read(value)?)
    };
    Some(())
}

fn id(digits: &[u8]) -> Option<u32> {
    signed(digits).map(clamp)
}

fn signed(digits: &[u8]) -> Option<i64> {
    match digits.strip_prefix(b"-") {
        Some(digits) => i64::try_from(decimal(digits)?).ok().map(|value| -value),
        None => i64::try_from(decimal(digits)?).ok(),
    }
}

/// Seconds since 1970 and the nanoseconds after them; digits beyond those are cut.
fn time(value: &[u8]) -> Option<(i64, u32)> {
    const NANO_DIGITS: usize = 9;
    let mut parts = value.splitn(2, |byte| *byte == b'.');
    let whole = parts.next().unwrap_or_default();
    let seconds = signed(whole)?;
    let mut digits = parts.next().unwrap_or(b"0").to_vec();
    digits.resize(NANO_DIGITS, b'0');
    let nanos = u32::try_from(decimal(&digits)?).ok()?;
    if whole.starts_with(b"-") && nanos > 0 {
        Some((seconds.checked_sub(1)?, 1_000_000_000 - nanos))
    } else {
        Some((seconds, nanos))
    }
}

/// Splits off the first record: its key, its value, and the records after it.
fn split_record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let blank = records.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(&records[..blank])?).ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    let record = record.get(blank + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], rest))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits)
        .ok()
        .filter(|_| is_number)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_a_line_break_forges_no_record() {
        let mut extensions = Extensions::default();
        let records = b"32 SCHILY.xattr.a=x\n11 path=no\n\n12 path=yes\n";
        read(records, 0, &mut extensions).unwrap();
        assert_eq!(extensions.path.as_deref(), Some(b"yes".as_slice()));
    }

    #[test]
    fn an_empty_value_takes_back_what_was_said() {
        let mut extensions = Extensions::default();
        read(
            b"9 size=1\n8 size=\n10 path=a\n8 path=\n",
            0,
            &mut extensions,
        )
        .unwrap();
        assert_eq!((extensions.size_bytes, extensions.path), (None, None));
    }

    #[test]
    fn a_time_can_be_before_1970_and_have_a_fraction() {
        let cases: [(&[u8], _); 6] = [
            (b"1700000000", Some((1_700_000_000, 0))),
            (b"1700000000.5", Some((1_700_000_000, 500_000_000))),
            (b"1.0000000019", Some((1, 1))),
            (b"-1.25", Some((-2, 750_000_000))),
            (b"-0.5", Some((-1, 500_000_000))),
            (b"soon", None),
        ];
        for (text, expected) in cases {
            assert_eq!(time(text), expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn an_attribute_can_hold_any_byte() {
        let mut extensions = Extensions::default();
        let records = b"41 SCHILY.xattr.security.capability=\x01\n=\0\n";
        read(records, 0, &mut extensions).unwrap();
        assert_eq!(&*extensions.xattrs[0].name, b"security.capability");
        assert_eq!(&*extensions.xattrs[0].value, b"\x01\n=\0");
    }

    #[test]
    fn a_length_that_lies_is_an_error() {
        for records in [
            "99 path=a\n",
            "3 path=a\n",
            "path=a\n",
            "9 path=a ",
            "+9 path=a\n",
        ] {
            assert!(
                read(records.as_bytes(), 0, &mut Extensions::default()).is_err(),
                "{records}"
            );
        }
    }
}
