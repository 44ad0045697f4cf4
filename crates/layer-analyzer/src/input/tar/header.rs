//! One header block of a tar archive.
//!
//! Source: POSIX pax, section "ustar Interchange Format", and GNU tar's manual, "Basic Tar Format".

use std::ops::Range;

use super::TarError;
use crate::model::entry::Special;

/// Bytes of a block; headers are one block, bodies fill whole blocks.
pub(crate) const BLOCK_BYTES: usize = 512;

const NAME: Range<usize> = 0..100;
const MODE: Range<usize> = 100..108;
const USER_ID: Range<usize> = 108..116;
const GROUP_ID: Range<usize> = 116..124;
const SIZE: Range<usize> = 124..136;
const MTIME: Range<usize> = 136..148;
const CHECKSUM: Range<usize> = 148..156;
const TYPE_FLAG: usize = 156;
const LINK: Range<usize> = 157..257;
const MAGIC: Range<usize> = 257..263;
const MAJOR: Range<usize> = 329..337;
const MINOR: Range<usize> = 337..345;
const PREFIX: Range<usize> = 345..500;
const GNU_REAL_SIZE: Range<usize> = 483..495;
const GNU_IS_EXTENDED: usize = 482;

/// The bits of a mode that are not the file's type.
const PERMISSIONS: u32 = 0o7777;

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
    Special(Special),
}

/// What one header block says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) size_bytes: u64,
    /// Bytes of an old GNU sparse file with its holes.
    pub(super) real_size_bytes: Option<u64>,
    pub(super) mode: u32,
    pub(super) user_id: u32,
    pub(super) group_id: u32,
    pub(super) mtime_s: i64,
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
        let field = |range: Range<usize>, field| {
            number(&block[range]).ok_or(TarError::Field { offset, field })
        };
        let path = path(block);
        let type_flag = block[TYPE_FLAG];
        let special = |device: fn(u32, u32) -> Special| -> Result<MemberKind, TarError> {
            let (major, minor) = (field(MAJOR, "major")?, field(MINOR, "minor")?);
            Ok(MemberKind::Special(device(clamp(major), clamp(minor))))
        };
        let kind = match type_flag {
            // Before POSIX there was no flag for directories.
            0 if path.ends_with(b"/") => MemberKind::Directory,
            b'1' => MemberKind::HardLink,
            b'2' => MemberKind::Symlink,
            b'3' => special(|major, minor| Special::CharDevice { major, minor })?,
            b'4' => special(|major, minor| Special::BlockDevice { major, minor })?,
            b'5' => MemberKind::Directory,
            b'6' => MemberKind::Special(Special::Fifo),
            // POSIX has unknown flags read as regular files.
            _ => MemberKind::File,
        };
        let is_sparse = type_flag == b'S';
        let unsigned = |number: i64| u64::try_from(number).ok();
        let malformed = |field| TarError::Field { offset, field };
        let size_bytes = unsigned(field(SIZE, "size")?).ok_or(malformed("size"))?;
        let real_size_bytes = if is_sparse {
            let real = unsigned(field(GNU_REAL_SIZE, "realsize")?);
            Some(real.ok_or(malformed("realsize"))?)
        } else {
            None
        };
        Ok(Self {
            path,
            link: until_nul(&block[LINK]).to_vec(),
            size_bytes,
            real_size_bytes,
            mode: clamp(field(MODE, "mode")?) & PERMISSIONS,
            user_id: clamp(field(USER_ID, "uid")?),
            group_id: clamp(field(GROUP_ID, "gid")?),
            mtime_s: field(MTIME, "mtime")?,
            type_flag,
            kind,
            is_sparse_extended: is_sparse && block[GNU_IS_EXTENDED] != 0,
        })
    }
}

/// The nearest number that Linux has for a mode, owner or device.
pub(super) fn clamp(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

/// Says whether a block is a header, by its checksum: a sum of bytes, which some old programs took
/// for signed ones. Source: Go's `archive/tar` and Python's `tarfile`, which accept both.
pub(crate) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.first_chunk::<BLOCK_BYTES>() else {
        return false;
    };
    let Some(written) = number(&block[CHECKSUM]) else {
        return false;
    };
    // The field itself counts as blanks.
    let field = &block[CHECKSUM];
    let blanks = i64::from(b' ') * 8;
    let unsigned = |bytes: &[u8]| bytes.iter().map(|byte| i64::from(*byte)).sum::<i64>();
    let sum = byte_sum(block) - unsigned(field) + blanks;
    if written == sum {
        return true;
    }
    let outside = block[..CHECKSUM.start].iter().chain(&block[CHECKSUM.end..]);
    let negative_count = outside.filter(|byte| byte.cast_signed() < 0).count();
    written == sum - 256 * i64::try_from(negative_count).unwrap_or(0)
}

/// The sum of a block's bytes, eight at a time: every other byte of a word has room for the carries
/// of a whole block.
fn byte_sum(block: &[u8; BLOCK_BYTES]) -> i64 {
    const EVERY_OTHER: u64 = 0x00ff_00ff_00ff_00ff;
    let (words, _) = block.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_ne_bytes(*word));
    let lanes: u64 = words
        .map(|word| (word & EVERY_OTHER) + (word >> 8 & EVERY_OTHER))
        .sum();
    let lanes = [lanes, lanes >> 16, lanes >> 32, lanes >> 48];
    lanes.iter().map(|lane| (lane & 0xffff).cast_signed()).sum()
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

/// Reads a number: octal digits, or, with the first bit set, big-endian binary of two's complement
/// (GNU).
fn number(field: &[u8]) -> Option<i64> {
    const BINARY: u8 = 0x80;
    const SIGN: u8 = 0x40;
    if let Some((first, rest)) = field.split_first()
        && first & BINARY != 0
    {
        let is_negative = first & SIGN != 0;
        let start = if is_negative {
            i64::from(*first) - 0x100
        } else {
            i64::from(first & !BINARY)
        };
        return rest.iter().try_fold(start, |value, byte| {
            value.checked_mul(256)?.checked_add(i64::from(*byte))
        });
    }
    let digits = until_nul(field).trim_ascii();
    digits.iter().try_fold(0_i64, |value, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 8)?;
        value.checked_mul(8)?.checked_add(i64::from(digit))
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
    fn the_largest_bytes_sum_up_without_a_carry() {
        assert_eq!(byte_sum(&[0xff; BLOCK_BYTES]), 512 * 255);
        let mut block = [0; BLOCK_BYTES];
        (block[0], block[9], block[511]) = (1, 20, 255);
        assert_eq!(byte_sum(&block), 276);
    }

    #[test]
    fn numbers_are_octal_or_binary() {
        assert_eq!(number(b"00000000017\0"), Some(15));
        assert_eq!(number(b"   17 \0"), Some(15));
        assert_eq!(number(b"\0\0\0\0"), Some(0));
        assert_eq!(number(b"\x80\0\0\x01\x02"), Some(258));
        assert_eq!(number(b"\xff\xff\xff\xff"), Some(-1));
        assert_eq!(number(b"\xff\xff\xfe\x00"), Some(-512));
        assert_eq!(number(&[0xbf; 12]), None);
        assert_eq!(number(b"00000000018\0"), None);
    }
}
