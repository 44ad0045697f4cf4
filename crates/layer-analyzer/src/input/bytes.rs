//! Bytes that are read from start to end, some of which are of no use.
//!
//! What lies in a file is skipped by not reading it; what streams, or has to be digested, is read.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// How much is read after a skip. Chosen: a page, which holds the headers of a few small files.
const BLOCK_BYTES_MIN: usize = 4 * 1024;

/// How much is read at once where nothing is skipped.
///
/// Chosen: the second-level cache of one core holds it beside what is made of it.
const BLOCK_BYTES_MAX: usize = 128 * 1024;

/// Bytes of which some can be skipped.
pub(crate) trait Bytes: BufRead {
    /// Skips up to `count` bytes, and returns how many: none only at the end.
    ///
    /// # Errors
    ///
    /// The bytes cannot be read.
    fn skip(&mut self, count: u64) -> io::Result<u64>;
}

/// Bytes that can only be read.
#[derive(Debug)]
pub(crate) struct Stream<R>(pub(crate) R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: BufRead> BufRead for Stream<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl<R: BufRead> Bytes for Stream<R> {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        skip_buffered(self, count)
    }
}

fn skip_buffered(reader: &mut impl BufRead, count: u64) -> io::Result<u64> {
    let available = reader.fill_buf()?.len();
    let count = usize::try_from(count).map_or(available, |count| count.min(available));
    reader.consume(count);
    Ok(count as u64)
}

/// A part of a file that several readers can share.
#[derive(Debug)]
pub(crate) struct Section {
    file: Arc<File>,
    /// Where the next block is read.
    next: u64,
    end: u64,
    buffer: Vec<u8>,
    /// How much of the buffer was consumed.
    consumed: usize,
    /// How much is read next.
    block_bytes: usize,
}

impl Section {
    /// The bytes of `file` from `start` to before `end`, or to the file's end.
    pub(crate) fn new(file: Arc<File>, start: u64, end: u64) -> Self {
        Self {
            file,
            next: start,
            end,
            buffer: Vec::new(),
            consumed: 0,
            block_bytes: BLOCK_BYTES_MIN,
        }
    }

    /// Reads into a buffer that is as large as the own one, without the way through that.
    fn read_past_buffer(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.left().min(buffer.len());
        let count = self.file.read_at(&mut buffer[..length], self.next)?;
        self.next += count as u64;
        Ok(count)
    }

    /// How many bytes are not in the buffer yet, as far as they can be counted.
    fn left(&self) -> usize {
        usize::try_from(self.end.saturating_sub(self.next)).unwrap_or(usize::MAX)
    }

    fn read_block(&mut self) -> io::Result<()> {
        let length = self.left().min(self.block_bytes);
        self.consumed = 0;
        self.buffer.resize(length, 0);
        let count = self.file.read_at(&mut self.buffer, self.next)?;
        self.buffer.truncate(count);
        self.next += count as u64;
        self.block_bytes = (self.block_bytes * 2).min(BLOCK_BYTES_MAX);
        Ok(())
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.consumed == self.buffer.len() && buffer.len() >= BLOCK_BYTES_MAX {
            return self.read_past_buffer(buffer);
        }
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Section {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.buffer.len() {
            self.read_block()?;
        }
        Ok(&self.buffer[self.consumed..])
    }

    fn consume(&mut self, amount: usize) {
        self.consumed += amount;
    }
}

impl Bytes for Section {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let buffered = (self.buffer.len() - self.consumed) as u64;
        if count <= buffered || buffered > 0 && count < BLOCK_BYTES_MIN as u64 {
            return skip_buffered(self, count);
        }
        // The file can be shorter than the section, which has to be noticed.
        let position = self.next - buffered;
        let end = self.end.min(self.file.metadata()?.len()).max(position);
        let count = count.min(end - position);
        self.buffer.clear();
        self.consumed = 0;
        self.next = position + count;
        self.block_bytes = BLOCK_BYTES_MIN;
        Ok(count)
    }
}

/// Bytes that are digested as they are read.
#[derive(Debug)]
pub(crate) struct Digested<R> {
    reader: R,
    sha256: Sha256,
}

impl<R> Digested<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            sha256: Sha256::new(),
        }
    }

    /// The digest of what was read, and the reader.
    pub(crate) fn finish(self) -> (String, R) {
        let digest = common::report::format_sha256(self.sha256.finalize().as_slice());
        (digest, self.reader)
    }
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.sha256.update(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Arc::new(file)
    }

    #[test]
    fn a_section_ends_where_it_should_or_where_the_file_does() {
        let file = file(b"0123456789");
        for (start, end, expected) in [(2, 5, "234"), (8, 20, "89"), (10, 20, ""), (5, 5, "")] {
            let mut text = String::new();
            let mut section = Section::new(file.clone(), start, end);
            section.read_to_string(&mut text).unwrap();
            assert_eq!(text, expected, "{start}..{end}");
        }
    }

    #[test]
    fn what_is_skipped_is_not_there_and_the_end_is_noticed() {
        let mut bytes = vec![b'a'; 20_000];
        bytes.extend_from_slice(b"bcd");
        let mut section = Section::new(file(&bytes), 0, 30_000);
        let mut first = [0; 1];
        section.read_exact(&mut first).unwrap();
        let mut left = 19_999;
        while left > 0 {
            left -= section.skip(left).unwrap();
        }
        let mut rest = String::new();
        section.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "bcd");
        assert_eq!(section.skip(1).unwrap(), 0);
    }
}
