//! One header block of a tar archive.
//!
//! Source: POSIX pax, section "ustar Interchange Format", and GNU tar's manual, "Basic Tar Format".

use std::ops::Range;

use super::TarError;

/// Bytes of a block; headers are one block, bodies fill whole blocks.
pub(crate) const BLOCK_BYTES: usize = 512;

const NAME: Range<usize> = 0..100;
const SIZE: Range<usize> = 124..136;
const CHECKSUM: Range<usize> = 148..156;
const TYPE_FLAG: usize = 156;
const LINK: Range<usize> = 157..257;
const MAGIC: Range<usize> = 257..263;
const PREFIX: Range<usize> = 345..500;
const GNU_IS_EXTENDED: usize = 482;

/// What a member of an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// A regular file, the only kind with a body.
    File,
    /// One more name of a member.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A directory.
    Directory,
    /// A device or pipe.
    Special,
}

/// What one header block says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) size_bytes: u64,
    pub(super) type_flag: u8,
    pub(super) kind: MemberKind,
    /// Whether more blocks of an old GNU sparse map follow.
    pub(super) is_sparse_extended: bool,
}

impl Header {
    pub(super) fn parse(block: &[u8; BLOCK_BYTES], offset: u64) -> Result<Self, TarError> {
        if !is_header(block) {
            return Err(TarError::NoHeader { offset });
        }
        let size_bytes = number(&block[SIZE]).ok_or(TarError::Field {
            offset,
            field: "size",
        })?;
        let path = path(block);
        let type_flag = block[TYPE_FLAG];
        let kind = match type_flag {
            // Before POSIX there was no flag for directories.
            0 if path.ends_with(b"/") => MemberKind::Directory,
            b'1' => MemberKind::HardLink,
            b'2' => MemberKind::Symlink,
            b'3' | b'4' | b'6' => MemberKind::Special,
            b'5' => MemberKind::Directory,
            // POSIX has unknown flags read as regular files.
            _ => MemberKind::File,
        };
        Ok(Self {
            path,
            link: until_nul(&block[LINK]).to_vec(),
            size_bytes,
            type_flag,
            kind,
            is_sparse_extended: type_flag == b'S' && block[GNU_IS_EXTENDED] != 0,
        })
    }
}

/// Says whether a block is a header, by its checksum: a sum of bytes, which some old programs took
/// for signed ones. Source: Go's `archive/tar` and Python's `tarfile`, which accept both.
pub(crate) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.first_chunk::<BLOCK_BYTES>() else {
        return false;
    };
    let sum = |value: fn(u8) -> i64| {
        let bytes = block[..CHECKSUM.start].iter();
        let bytes = bytes.chain(&[b' '; 8]).chain(&block[CHECKSUM.end..]);
        bytes.map(|byte| value(*byte)).sum::<i64>()
    };
    let written = number(&block[CHECKSUM]).and_then(|sum| i64::try_from(sum).ok());
    written == Some(sum(i64::from)) || written == Some(sum(|byte| byte.cast_signed().into()))
}

/// The bytes before the first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn path(block: &[u8; BLOCK_BYTES]) -> Vec<u8> {
    let name = until_nul(&block[NAME]);
    // GNU's own format has `ustar` and a blank, and other fields where the prefix is.
    let prefix = until_nul(&block[PREFIX]);
    if &block[MAGIC] == b"ustar\0" && !prefix.is_empty() {
        [prefix, b"/", name].concat()
    } else {
        name.to_vec()
    }
}

/// Reads a number: octal digits, or, with the first bit set, big-endian binary (GNU).
fn number(field: &[u8]) -> Option<u64> {
    const BINARY: u8 = 0x80;
    const NEGATIVE: u8 = 0x40;
    if let Some((first, rest)) = field.split_first()
        && first & BINARY != 0
    {
        if first & NEGATIVE != 0 {
            return None;
        }
        let start = u64::from(first & !BINARY);
        return rest.iter().try_fold(start, |value, byte| {
            Some(value.checked_mul(256)? + u64::from(*byte))
        });
    }
    let digits = until_nul(field).trim_ascii();
    digits.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 8)?;
        Some(value.checked_mul(8)? + u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_of_signed_or_unsigned_bytes() {
        // Eight blanks are 256; 0xff is 255 or -1.
        for (checksum, expected) in [(b"777", true), (b"377", true), (b"400", false)] {
            let mut block = [0; BLOCK_BYTES];
            block[0] = 0xff;
            block[148..151].copy_from_slice(checksum);
            assert_eq!(is_header(&block), expected, "{checksum:?}");
        }
    }

    #[test]
    fn numbers_are_octal_or_binary() {
        assert_eq!(number(b"00000000017\0"), Some(15));
        assert_eq!(number(b"   17 \0"), Some(15));
        assert_eq!(number(b"\0\0\0\0"), Some(0));
        assert_eq!(number(b"\x80\0\0\x01\x02"), Some(258));
        assert_eq!(number(b"\xff\xff\xff\xff"), None);
        assert_eq!(number(&[0xbf; 12]), None);
        assert_eq!(number(b"00000000018\0"), None);
    }
}
