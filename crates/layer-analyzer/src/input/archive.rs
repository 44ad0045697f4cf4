//! Image archives: what `docker save` and others write, found out by content.
//!
//! Engines before 25 write a folder per layer and the manifest near the end; newer ones write OCI
//! blobs and the same manifest beside them. In a file everything is found by seeking, and then read
//! where it is; what streams is read once, from start to end, and kept.

mod file;
mod stream;

use std::io::{BufRead, BufReader, Cursor, Read};
use std::os::unix::fs::FileExt;

use fs_err::File;

use file::ArchiveFile;
use stream::ArchiveStream;

use super::blobs::{Blobs, Reading};
use super::compression::{Compression, Decoder};
use super::limits::LimitError;
use super::tar::TarError;

/// How much is looked at to tell a compression: the longest magic number is shorter.
const HEAD_BYTES: usize = 8;

/// Chosen: as for layers.
const BUFFER_BYTES: usize = 128 * 1024;

/// Why an archive cannot be used as a whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error(transparent)]
    Tar(#[from] TarError),
    #[error("member `{member}` cannot be read")]
    Member {
        member: String,
        source: std::io::Error,
    },
    #[error("it is compressed with {compression}, which is not read")]
    Compressed { compression: &'static str },
    #[error(transparent)]
    Limit(#[from] LimitError),
}

/// Reads a stream up to the end, which can be compressed.
///
/// # Errors
///
/// It is no archive, or cut off.
pub(crate) fn read_stream(
    reader: impl BufRead,
    reading: Reading,
) -> Result<ArchiveStream, ArchiveError> {
    let mut reader = reader;
    let mut head = Vec::new();
    let read = reader
        .by_ref()
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head);
    read.map_err(|source| TarError::Read { offset: 0, source })?;
    let compression = Compression::of(&head);
    let whole = Cursor::new(head).chain(reader);
    match compression {
        None => ArchiveStream::read(whole, reading),
        Some(Compression::Read(format)) => {
            let decoder = Decoder::new(format, whole);
            let decoder = decoder.map_err(|source| TarError::Read { offset: 0, source })?;
            let decoded = BufReader::with_capacity(BUFFER_BYTES, decoder);
            ArchiveStream::read(decoded, reading)
        }
        Some(Compression::Unread(compression)) => Err(ArchiveError::Compressed { compression }),
    }
}

/// Opens the archive in a file: by seeking where that is possible.
///
/// # Errors
///
/// It is no archive, or cut off.
pub(crate) fn open_file(file: File, reading: Reading) -> Result<Box<dyn Blobs>, ArchiveError> {
    let file = file.into_parts().0;
    let read_error = |source| TarError::Read { offset: 0, source };
    let is_seekable = file.metadata().map_err(read_error)?.is_file();
    let mut head = [0; HEAD_BYTES];
    let is_compressed = is_seekable && {
        let count = file.read_at(&mut head, 0).map_err(read_error)?;
        Compression::of(&head[..count]).is_some()
    };
    if is_seekable && !is_compressed {
        let archive = ArchiveFile::open(file, reading.budget)?;
        return Ok(Box::new(archive));
    }
    let reader = BufReader::with_capacity(BUFFER_BYTES, file);
    Ok(Box::new(read_stream(reader, reading)?))
}

#[cfg(test)]
mod tests;
