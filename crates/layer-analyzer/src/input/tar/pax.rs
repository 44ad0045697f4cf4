//! PAX records: `LENGTH KEY=VALUE` and a line break, where the value can hold any byte.
//!
//! Source: POSIX pax, section "pax Extended Header".

use super::{Extensions, TarError};

/// Reads the records that matter for a member's path and size.
pub(super) fn read(
    mut records: &[u8],
    offset: u64,
    extensions: &mut Extensions,
) -> Result<(), TarError> {
    let malformed = TarError::Field {
        offset,
        field: "pax records",
    };
    while !records.is_empty() {
        let Some((key, value, rest)) = split_record(records) else {
            return Err(malformed);
        };
        let text = || Some(value.to_vec()).filter(|value| !value.is_empty());
        match key {
            b"path" => extensions.path = text(),
            b"linkpath" => extensions.link = text(),
            b"GNU.sparse.name" => extensions.sparse_path = text(),
            b"size" if value.is_empty() => extensions.size_bytes = None,
            b"size" => {
                let Some(size_bytes) = decimal(value) else {
                    return Err(malformed);
                };
                extensions.size_bytes = Some(size_bytes);
            }
            _ => {}
        }
        records = rest;
    }
    Ok(())
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
