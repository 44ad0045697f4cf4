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

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};

    use proptest::prelude::*;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        zstd::encode_all(content, 1).unwrap()
    }

    /// What a decoder makes of bytes that come in small pieces, and are asked for in others.
    fn decoded(format: Format, bytes: &[u8], input_bytes: usize, output_bytes: usize) -> Vec<u8> {
        let reader = BufReader::with_capacity(input_bytes, bytes);
        let mut decoder = Decoder::new(format, reader).unwrap();
        let (mut content, mut piece) = (Vec::new(), vec![0; output_bytes]);
        loop {
            match decoder.read(&mut piece).unwrap() {
                0 => return content,
                count => content.extend_from_slice(&piece[..count]),
            }
        }
    }

    proptest! {
        #[test]
        fn content_comes_back_whatever_the_pieces(
            parts in prop::collection::vec(prop::collection::vec(0..4_u8, 0..300), 1..4),
            input_bytes in 1..64_usize,
            output_bytes in 1..64_usize,
            zero_count in 0..40_usize,
        ) {
            let content = parts.concat();
            let mut members: Vec<u8> = parts.iter().flat_map(|part| gzip(part)).collect();
            members.resize(members.len() + zero_count, 0);
            let found = decoded(Format::Gzip, &members, input_bytes, output_bytes);
            prop_assert_eq!(&found, &content);
            let frames: Vec<u8> = parts.iter().flat_map(|part| zstd(part)).collect();
            let found = decoded(Format::Zstd, &frames, input_bytes, output_bytes);
            prop_assert_eq!(found, content);
        }

        #[test]
        fn data_that_is_cut_says_where(content in prop::collection::vec(any::<u8>(), 0..300)) {
            for (format, bytes) in [(Format::Gzip, gzip(&content)), (Format::Zstd, zstd(&content))] {
                // Before the first byte there is nothing, which zstd takes for no frame.
                for cut in 1..bytes.len() {
                    let mut decoder = Decoder::new(format, &bytes[..cut]).unwrap();
                    let error = decoder.read_to_end(&mut Vec::new()).unwrap_err();
                    let expected = format!("the {} data is cut off at byte {cut}", format.name());
                    prop_assert_eq!(error.to_string(), expected);
                }
            }
        }
    }
}
