//! Reads gzip: members one after another, and the zeros that may fill up what holds them.
//!
//! Not flate2's own reader of several members: it takes zeros after the last one for a broken
//! header, and never says where the data is broken. Source: RFC 1952.

use std::io::{self, BufRead, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::DecodeError;

const FORMAT: &str = "gzip";

/// The bits of a header's flags that say which fields follow.
const HAS_HEADER_CRC: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;

/// A reader of gzip data that hands out its content.
pub(crate) struct GzipReader<R> {
    reader: R,
    inflate: Decompress,
    checksum: Crc,
    next: Part,
    /// How many compressed bytes were read.
    offset: u64,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    FirstHeader,
    Header,
    Body,
    End,
}

impl<R: BufRead> GzipReader<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            inflate: Decompress::new(false),
            checksum: Crc::new(),
            next: Part::FirstHeader,
            offset: 0,
        }
    }

    pub(super) fn into_inner(self) -> R {
        self.reader
    }

    /// Reads a member's header, or the end where there is none.
    fn read_header(&mut self) -> io::Result<Part> {
        if self.next == Part::Header && self.is_at_end()? {
            return Ok(Part::End);
        }
        let start = self.offset;
        let header: [u8; 10] = self.bytes()?;
        let [0x1f, 0x8b, 8, flags, ..] = header else {
            return Err(malformed(start).into());
        };
        if flags & HAS_EXTRA != 0 {
            let length = u16::from_le_bytes(self.bytes()?);
            for _ in 0..length {
                self.byte()?;
            }
        }
        for field in [HAS_NAME, HAS_COMMENT] {
            while flags & field != 0 && self.byte()? != 0 {}
        }
        if flags & HAS_HEADER_CRC != 0 {
            let _: [u8; 2] = self.bytes()?;
        }
        self.inflate.reset(false);
        self.checksum.reset();
        Ok(Part::Body)
    }

    /// Skips zeros after a member, and says whether nothing follows. gzip(1) does the same, because
    /// tapes and block devices are read in whole blocks.
    fn is_at_end(&mut self) -> io::Result<bool> {
        let mut has_zeros = false;
        loop {
            let available = self.available()?;
            let zeros = available.iter().take_while(|byte| **byte == 0).count();
            let (is_end, is_other) = (available.is_empty(), zeros < available.len());
            self.consume(zeros);
            has_zeros |= zeros > 0;
            if is_end || is_other && !has_zeros {
                return Ok(is_end);
            }
            if is_other {
                return Err(malformed(self.offset).into());
            }
        }
    }

    fn read_body(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        // The call that finds the data broken reads none of it.
        let offset = self.offset;
        let input = available(&mut self.reader)?;
        let is_at_end = input.is_empty();
        let status = self
            .inflate
            .decompress(input, buffer, FlushDecompress::None);
        let status = status.map_err(|_| malformed(offset))?;
        let consumed = narrow(self.inflate.total_in() - read);
        let count = narrow(self.inflate.total_out() - written);
        self.consume(consumed);
        self.checksum.update(&buffer[..count]);
        if status == Status::StreamEnd {
            self.read_trailer()?;
            self.next = Part::Header;
        } else if is_at_end && count == 0 {
            return Err(self.truncated());
        }
        Ok(count)
    }

    fn read_trailer(&mut self) -> io::Result<()> {
        let start = self.offset;
        let checksum = u32::from_le_bytes(self.bytes()?);
        let length = u32::from_le_bytes(self.bytes()?);
        if checksum != self.checksum.sum() || length != self.checksum.amount() {
            let (format, offset) = (FORMAT, start);
            return Err(DecodeError::Checksum { format, offset }.into());
        }
        Ok(())
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    fn byte(&mut self) -> io::Result<u8> {
        match self.available()?.first().copied() {
            Some(byte) => {
                self.consume(1);
                Ok(byte)
            }
            None => Err(self.truncated()),
        }
    }

    fn available(&mut self) -> io::Result<&[u8]> {
        available(&mut self.reader)
    }

    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.offset += count as u64;
    }

    fn truncated(&self) -> io::Error {
        let (format, offset) = (FORMAT, self.offset);
        DecodeError::Truncated { format, offset }.into()
    }
}

impl<R: BufRead> Read for GzipReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match self.next {
                Part::FirstHeader | Part::Header => self.next = self.read_header()?,
                Part::Body => {
                    let count = self.read_body(buffer)?;
                    if count > 0 {
                        return Ok(count);
                    }
                }
                Part::End => return Ok(0),
            }
        }
    }
}

/// What can be read at once: nothing at the end. Interruptions are not handed on, because a header
/// that is half read would be lost.
fn available(reader: &mut impl BufRead) -> io::Result<&[u8]> {
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    // The second call returns what the first one has read: borrowed results cannot leave a loop.
    reader.fill_buf()
}

fn malformed(offset: u64) -> DecodeError {
    let format = FORMAT;
    DecodeError::Malformed { format, offset }
}

/// One call's share of a total, which is never more than its buffers hold.
fn narrow(count: u64) -> usize {
    usize::try_from(count).expect("a buffer's length fits")
}
