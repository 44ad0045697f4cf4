//! Reads zstd: frames one after another, with those between them that are to be skipped.

use std::io::{self, BufRead, Read};

use zstd::stream::read::Decoder;

use super::DecodeError;

/// Binary logarithm of the largest window, which is what a decoder holds in memory.
///
/// Chosen: 128 MiB, the limit of the tool `zstd` itself, and more than builders ask for.
const WINDOW_LOG_MAX: u32 = 27;

/// A reader of zstd data that hands out its content.
pub(crate) struct ZstdReader<R: BufRead> {
    decoder: Decoder<'static, Counted<R>>,
}

impl<R: BufRead> ZstdReader<R> {
    pub(super) fn new(reader: R) -> io::Result<Self> {
        let counted = Counted {
            reader,
            offset: 0,
            has_failed: false,
        };
        let mut decoder = Decoder::with_buffer(counted)?;
        decoder.window_log_max(WINDOW_LOG_MAX)?;
        Ok(Self { decoder })
    }

    pub(super) fn into_inner(self) -> R {
        self.decoder.finish().reader
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer).map_err(|source| {
            let counted = self.decoder.get_ref();
            let (format, offset) = ("zstd", counted.offset);
            if counted.has_failed || source.kind() == io::ErrorKind::Interrupted {
                source
            } else if source.kind() == io::ErrorKind::UnexpectedEof {
                DecodeError::Truncated { format, offset }.into()
            } else {
                DecodeError::Other {
                    format,
                    offset,
                    source,
                }
                .into()
            }
        })
    }
}

/// A reader that knows how far it is, and whether an error is its own.
struct Counted<R> {
    reader: R,
    offset: u64,
    has_failed: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.offset += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let has_failed = &mut self.has_failed;
        self.reader.fill_buf().inspect_err(|error| {
            *has_failed = error.kind() != io::ErrorKind::Interrupted;
        })
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
        self.offset += amount as u64;
    }
}
