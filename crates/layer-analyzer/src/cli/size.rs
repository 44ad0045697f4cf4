//! Sizes as people write them.

use bytesize::ByteSize;

/// A size in bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let size: ByteSize = text
        .parse()
        .map_err(|_| "a size looks like 500k, 10MB or 1GiB".to_owned())?;
    Ok(size.as_u64())
}
