//! How bytes are compressed, told by their first bytes, and readers that undo it.
//!
//! By content and not by name or media type, because both lie: a `layer.tar` can be compressed.

mod gzip;
mod zst;

use std::io::{self, BufRead, Read};

use gzip::GzipReader;
use zst::ZstdReader;

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    /// In a way that is read.
    Read(Format),
    /// In a way that is known but not read.
    Unread(&'static str),
}

/// A compression that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// RFC 1952, of any number of members.
    Gzip,
    /// RFC 8878, of any number of frames.
    Zstd,
}

impl Format {
    /// What reports call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

impl Compression {
    /// Tells it by the first bytes. `None` when they are not compressed.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Read(Format::Gzip)),
            // A frame, or one that is to be skipped, which can come first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
                Some(Self::Read(Format::Zstd))
            }
            [b'B', b'Z', b'h', ..] => Some(Self::Unread("bzip2")),
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Some(Self::Unread("xz")),
            _ => None,
        }
    }
}

/// A reader of compressed bytes that hands out what they were made of.
pub(crate) enum Decoder<R: BufRead> {
    Gzip(GzipReader<R>),
    Zstd(ZstdReader<R>),
}

impl<R: BufRead> Decoder<R> {
    /// # Errors
    ///
    /// There is no memory for it.
    pub(crate) fn new(format: Format, reader: R) -> io::Result<Self> {
        Ok(match format {
            Format::Gzip => Self::Gzip(GzipReader::new(reader)),
            Format::Zstd => Self::Zstd(ZstdReader::new(reader)?),
        })
    }

    /// The reader of the compressed bytes, where the decoder has got to.
    pub(crate) fn into_inner(self) -> R {
        match self {
            Self::Gzip(reader) => reader.into_inner(),
            Self::Zstd(reader) => reader.into_inner(),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(reader) => reader.read(buffer),
            Self::Zstd(reader) => reader.read(buffer),
        }
    }
}

/// Why compressed bytes cannot be read on.
#[derive(Debug, thiserror::Error)]
enum DecodeError {
    #[error("the {format} data is cut off at byte {offset}")]
    Truncated { format: &'static str, offset: u64 },
    #[error("the {format} data is malformed at byte {offset}")]
    Malformed { format: &'static str, offset: u64 },
    #[error("the {format} data has another checksum at byte {offset} than its content")]
    Checksum { format: &'static str, offset: u64 },
    #[error("the {format} data at byte {offset} cannot be read")]
    Other {
        format: &'static str,
        offset: u64,
        source: io::Error,
    },
}

impl From<DecodeError> for io::Error {
    fn from(error: DecodeError) -> Self {
        let kind = match error {
            DecodeError::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}
