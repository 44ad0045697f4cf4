//! Reads the contents of a layer's files, one after the other: digests them, and looks for what
//! should not be in an image.

use super::bytes::Bytes;
use super::elf::{Elf, ElfKind};
use super::tar::{Member, TarError, TarReader};
use crate::model::entry::ContentDigest;
use crate::model::mark::MarkKind;
use crate::model::secret;

/// How large a file may be to be searched for credentials, in bytes.
///
/// Chosen: files that hold them are written by people or their tools, and are smaller; archives,
/// data and most programs are larger. Only this much of one file is held in memory.
const SEARCHED_BYTES_MAX: u64 = 256 * 1024;

/// Reads contents, and keeps its memory from one to the next.
#[derive(Debug, Default)]
pub(super) struct ContentReader {
    /// What came of a file that is to be searched, if it came in pieces.
    pieces: Vec<u8>,
}

impl ContentReader {
    /// Reads the body of a file to its end.
    ///
    /// # Errors
    ///
    /// The archive is cut off, or cannot be read.
    pub(super) fn read<R: Bytes>(
        &mut self,
        tar: &mut TarReader<R>,
        member: &Member,
    ) -> Result<(ContentDigest, Vec<MarkKind>), TarError> {
        let size_bytes = member.size_bytes;
        let mut blake3 = blake3::Hasher::new();
        let mut elf = Elf::new();
        let mut marks = Vec::new();
        self.pieces.clear();
        tar.read_body(|bytes| {
            blake3.update(bytes);
            elf.take(bytes);
            if size_bytes > SEARCHED_BYTES_MAX {
                return;
            }
            if bytes.len() as u64 == size_bytes {
                marks.extend(secrets(bytes));
                return;
            }
            self.pieces.extend_from_slice(bytes);
            if self.pieces.len() as u64 == size_bytes {
                marks.extend(secrets(&self.pieces));
            }
        })?;
        marks.extend(elf.finish().and_then(mark));
        Ok((*blake3.finalize().as_bytes(), marks))
    }
}

fn secrets(text: &[u8]) -> impl Iterator<Item = MarkKind> {
    secret::scan(text).into_iter().map(MarkKind::Secret)
}

fn mark(elf: ElfKind) -> Option<MarkKind> {
    match elf {
        ElfKind::Program { symbols_bytes: 0 } => None,
        ElfKind::Program { symbols_bytes } => Some(MarkKind::Symbols {
            size_bytes: symbols_bytes,
        }),
        ElfKind::Core => Some(MarkKind::CoreDump),
    }
}
