//! Reads a tar archive as a stream: its members, and the bodies between them.
//!
//! Not the crate `tar`: as of 0.4.46 it splits PAX records at line breaks, which loses or forges a
//! path or size next to a binary attribute, keeps extended headers of any size, does not know the
//! names of PAX sparse files, and never says where an archive is broken.

mod header;
mod pax;

use std::io::{self, BufRead, Read};

pub(crate) use header::{BLOCK_BYTES, MemberKind, is_header};
use header::{Header, until_nul};

use super::bytes::Bytes;
use crate::model::entry::{Metadata, Xattr};

/// How large a long name or a set of PAX records may be.
///
/// Source: Go's `archive/tar`, which Docker reads layers with, has the same limit.
const EXTENSION_BYTES_MAX: u64 = 1 << 20;

/// How long a path may be, and what a link points to: nothing longer can be unpacked on Linux.
///
/// Source: `PATH_MAX` of `limits.h`, which counts a NUL.
const PATH_BYTES_MAX: usize = 4095;

/// A tar archive that is read from start to end.
#[derive(Debug)]
pub(crate) struct TarReader<R> {
    reader: R,
    /// How many bytes were read.
    offset: u64,
    /// How many bytes of the current member's body are left.
    body_left: u64,
    /// How many bytes fill the body's last block.
    padding: u64,
    /// Whether the last block that was read is the zeros that end an archive.
    has_end_marker: bool,
}

/// One member of an archive, its extended headers applied.
#[derive(Debug)]
pub(crate) struct Member {
    /// The path, as written.
    pub(crate) path: Vec<u8>,
    /// What a link points to, as written. Says nothing of other kinds: the Engine's overlay writes it
    /// for whiteouts too.
    pub(crate) link: Vec<u8>,
    /// What it is.
    pub(crate) kind: MemberKind,
    /// Bytes of the body.
    pub(crate) size_bytes: u64,
    /// Bytes of the file when it is unpacked: more than the body has if it is sparse.
    pub(crate) logical_bytes: u64,
    /// Whom it belongs to, and when it changed.
    pub(crate) metadata: Metadata,
}

/// Why a tar archive cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TarError {
    #[error("it is cut off at byte {offset}")]
    Truncated { offset: u64 },
    #[error("it holds no tar header at byte {offset}, where one is due")]
    NoHeader { offset: u64 },
    #[error("the `{field}` of the tar header at byte {offset} is malformed")]
    Field { offset: u64, field: &'static str },
    #[error("the extended header at byte {offset} is larger than {EXTENSION_BYTES_MAX} bytes")]
    LargeExtension { offset: u64 },
    #[error("the tar header at byte {offset} has a path longer than {PATH_BYTES_MAX} bytes")]
    LongPath { offset: u64 },
    #[error("reading failed at byte {offset}")]
    Read { offset: u64, source: io::Error },
}

/// What extended headers say about the member that follows them.
#[derive(Debug, Default)]
struct Extensions {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size_bytes: Option<u64>,
    /// The real name of a sparse file, whose `path` is made up.
    sparse_path: Option<Vec<u8>>,
    /// Bytes of a sparse file with its holes.
    real_size_bytes: Option<u64>,
    user_id: Option<u32>,
    group_id: Option<u32>,
    /// Seconds, and nanoseconds after them.
    mtime: Option<(i64, u32)>,
    xattrs: Vec<Xattr>,
}

impl<R: Bytes> TarReader<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            offset: 0,
            body_left: 0,
            padding: 0,
            has_end_marker: false,
        }
    }

    /// Skips what is left of the current member and reads the next one's headers.
    ///
    /// `None` is the end: a block of zeros, or the end of the stream where a header is due.
    ///
    /// # Errors
    ///
    /// The archive is cut off or malformed, or cannot be read.
    pub(crate) fn next_member(&mut self) -> Result<Option<Member>, TarError> {
        let mut extensions = Extensions::default();
        let mut is_extended = false;
        loop {
            self.skip_body()?;
            let offset = self.offset;
            let Some(block) = self.header_block()? else {
                return if is_extended {
                    Err(TarError::Truncated { offset })
                } else {
                    Ok(None)
                };
            };
            let header = Header::parse(&block, offset)?;
            self.set_body(header.size_bytes);
            match header.type_flag {
                // What applies to all members, such as a commit's id, is of no use here.
                b'g' => {}
                b'L' => extensions.path = Some(until_nul(&self.extension(offset)?).to_vec()),
                b'K' => extensions.link = Some(until_nul(&self.extension(offset)?).to_vec()),
                b'x' => pax::read(&self.extension(offset)?, offset, &mut extensions)?,
                _ => return self.member(header, extensions, offset).map(Some),
            }
            is_extended |= header.type_flag != b'g';
        }
    }

    /// Where the archive stopped without the zeros that end one, once there is no next member.
    pub(crate) fn cut_at(&self) -> Option<u64> {
        (!self.has_end_marker).then_some(self.offset)
    }

    /// Where the rest of the current member's body starts in the archive.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The body of the current member.
    pub(crate) fn body(&mut self) -> Body<'_, R> {
        Body { tar: self }
    }

    /// The reader, where the archive ends.
    pub(crate) fn into_inner(self) -> R {
        self.reader
    }

    /// Reads to the end of the stream, past the archive's own end, and returns the reader.
    ///
    /// # Errors
    ///
    /// The stream cannot be read.
    pub(crate) fn finish(mut self) -> Result<R, TarError> {
        while self.skip_some(u64::MAX)? > 0 {}
        Ok(self.reader)
    }

    fn member(
        &mut self,
        header: Header,
        mut extensions: Extensions,
        offset: u64,
    ) -> Result<Member, TarError> {
        if header.is_sparse_extended {
            self.skip_sparse_map()?;
        }
        let has_body = header.kind == MemberKind::File;
        let size_bytes = extensions.size_bytes.unwrap_or(header.size_bytes);
        self.set_body(if has_body { size_bytes } else { 0 });
        let metadata = metadata(&header, &mut extensions);
        let path = extensions.sparse_path.or(extensions.path);
        let path = path.unwrap_or(header.path);
        let link = extensions.link.unwrap_or(header.link);
        if path.len().max(link.len()) > PATH_BYTES_MAX {
            return Err(TarError::LongPath { offset });
        }
        let real_size_bytes = extensions.real_size_bytes.or(header.real_size_bytes);
        Ok(Member {
            path,
            link,
            kind: header.kind,
            size_bytes: self.body_left,
            logical_bytes: real_size_bytes.unwrap_or(self.body_left),
            metadata,
        })
    }

    fn set_body(&mut self, size_bytes: u64) {
        self.body_left = size_bytes;
        self.padding = size_bytes.wrapping_neg() % BLOCK_BYTES as u64;
    }

    fn header_block(&mut self) -> Result<Option<[u8; BLOCK_BYTES]>, TarError> {
        let mut block = [0; BLOCK_BYTES];
        if self.peek()?.is_empty() {
            return Ok(None);
        }
        self.read_exact(&mut block)?;
        self.has_end_marker = block.iter().all(|byte| *byte == 0);
        Ok((!self.has_end_marker).then_some(block))
    }

    /// The map of an old GNU sparse file goes on in blocks between its header and its body.
    fn skip_sparse_map(&mut self) -> Result<(), TarError> {
        const IS_EXTENDED: usize = 504;
        let mut block = [0; BLOCK_BYTES];
        loop {
            self.read_exact(&mut block)?;
            if block[IS_EXTENDED] == 0 {
                return Ok(());
            }
        }
    }

    fn extension(&mut self, offset: u64) -> Result<Vec<u8>, TarError> {
        if self.body_left > EXTENSION_BYTES_MAX {
            return Err(TarError::LargeExtension { offset });
        }
        let length = usize::try_from(self.body_left).expect("a mebibyte fits");
        let mut bytes = vec![0; length];
        self.read_exact(&mut bytes)?;
        self.body_left = 0;
        Ok(bytes)
    }

    fn skip_body(&mut self) -> Result<(), TarError> {
        let mut left = self.body_left.saturating_add(self.padding);
        while left > 0 {
            let count = self.skip_some(left)?;
            // umoci 0.4.7 leaves out what fills the last block; Go's reader, which is Docker's, does not
            // miss it.
            if count == 0 && left == self.padding {
                break;
            }
            if count == 0 {
                return Err(TarError::Truncated {
                    offset: self.offset,
                });
            }
            left -= count;
        }
        self.set_body(0);
        Ok(())
    }

    fn skip_some(&mut self, count_max: u64) -> Result<u64, TarError> {
        let offset = self.offset;
        loop {
            match self.reader.skip(count_max) {
                Ok(count) => {
                    self.offset += count;
                    return Ok(count);
                }
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(TarError::Read { offset, source }),
            }
        }
    }

    /// Hands the rest of the current member's body to `take`, as it comes.
    ///
    /// # Errors
    ///
    /// The archive is cut off, or cannot be read.
    pub(crate) fn read_body(&mut self, mut take: impl FnMut(&[u8])) -> Result<(), TarError> {
        while self.body_left > 0 {
            let (offset, left) = (self.offset, self.body_left);
            let available = self.peek()?;
            if available.is_empty() {
                return Err(TarError::Truncated { offset });
            }
            let count =
                usize::try_from(left).map_or(available.len(), |left| left.min(available.len()));
            take(&available[..count]);
            self.reader.consume(count);
            self.offset += count as u64;
            self.body_left -= count as u64;
        }
        Ok(())
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), TarError> {
        let mut filled = 0;
        while filled < buffer.len() {
            let offset = self.offset;
            let available = self.peek()?;
            if available.is_empty() {
                return Err(TarError::Truncated { offset });
            }
            let count = available.len().min(buffer.len() - filled);
            buffer[filled..filled + count].copy_from_slice(&available[..count]);
            filled += count;
            self.reader.consume(count);
            self.offset += count as u64;
        }
        Ok(())
    }

    fn peek(&mut self) -> Result<&[u8], TarError> {
        let offset = self.offset;
        loop {
            match self.reader.fill_buf() {
                Ok(_) => break,
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(TarError::Read { offset, source }),
            }
        }
        // The second call returns what the first one has read: borrowed results cannot leave a loop.
        self.reader
            .fill_buf()
            .map_err(|source| TarError::Read { offset, source })
    }
}

fn metadata(header: &Header, extensions: &mut Extensions) -> Metadata {
    extensions.xattrs.sort();
    let (mtime_s, mtime_ns) = extensions.mtime.unwrap_or((header.mtime_s, 0));
    Metadata {
        mode: header.mode,
        user_id: extensions.user_id.unwrap_or(header.user_id),
        group_id: extensions.group_id.unwrap_or(header.group_id),
        mtime_ns,
        mtime_s,
        xattrs: std::mem::take(&mut extensions.xattrs).into(),
    }
}

/// Reads the body of a member; ends where the body does.
#[derive(Debug)]
pub(crate) struct Body<'a, R> {
    tar: &'a mut TarReader<R>,
}

impl<R: Bytes> Read for Body<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: Bytes> BufRead for Body<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let (offset, left) = (self.tar.offset, self.tar.body_left);
        if left == 0 {
            return Ok(&[]);
        }
        let available = self.tar.reader.fill_buf()?;
        if available.is_empty() {
            let error = TarError::Truncated { offset };
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
        }
        let count = usize::try_from(left).map_or(available.len(), |left| left.min(available.len()));
        Ok(&available[..count])
    }

    fn consume(&mut self, amount: usize) {
        self.tar.reader.consume(amount);
        self.tar.offset += amount as u64;
        self.tar.body_left -= amount as u64;
    }
}

#[cfg(test)]
mod tests;
