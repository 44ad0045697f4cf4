//! An image archive in a file: what it holds is found once by seeking over it, and read in place.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use super::ArchiveError;
use crate::input::blobs::{BlobError, Blobs, Place, Reading};
use crate::input::bytes::Section;
use crate::input::layer::{ReadLayer, read_layer};
use crate::input::limits::Budget;
use crate::input::members::Members;
use crate::input::tar::{MemberKind, TarReader};
use crate::model::path;

/// An archive whose members are read where they are.
#[derive(Debug)]
pub(crate) struct ArchiveFile {
    file: Arc<File>,
    /// Where the content of each member is.
    members: Members<Range<u64>>,
    document_bytes_max: u64,
}

impl ArchiveFile {
    /// Finds the members of an uncompressed archive.
    ///
    /// # Errors
    ///
    /// The archive is cut off or malformed, or holds more members than are kept.
    pub(crate) fn open(file: File, budget: &Budget) -> Result<Self, ArchiveError> {
        let file = Arc::new(file);
        let mut tar = TarReader::new(Section::new(Arc::clone(&file), 0, u64::MAX));
        let mut members = Members::default();
        let mut tally = budget.tally();
        while let Some(member) = tar.next_member()? {
            let name = path::normal(&member.path);
            match member.kind {
                MemberKind::File => {
                    let start = tar.offset();
                    let content = start..start.saturating_add(member.size_bytes);
                    members.add_file(name, content, &mut tally)?;
                }
                MemberKind::Symlink | MemberKind::HardLink => {
                    members.add_link(name, &member, &mut tally)?;
                }
                MemberKind::Directory | MemberKind::Special(_) => {}
            }
        }
        tally.finish()?;
        members.cut_at = tar.cut_at();
        Ok(Self {
            file,
            members,
            document_bytes_max: budget.limits.document_bytes,
        })
    }

    fn section(&self, content: &Range<u64>) -> Section {
        Section::new(Arc::clone(&self.file), content.start, content.end)
    }
}

impl Blobs for ArchiveFile {
    fn has(&self, name: &str) -> bool {
        self.members.find(name).is_ok()
    }

    fn document(&self, name: &str) -> Result<Vec<u8>, BlobError> {
        let (_, content) = self.members.find(name)?;
        let limit_bytes = self.document_bytes_max;
        if content.end - content.start > limit_bytes {
            let name = name.to_owned();
            return Err(BlobError::LargeDocument { name, limit_bytes });
        }
        let mut bytes = Vec::new();
        let read = self.section(content).read_to_end(&mut bytes);
        read.map_err(|source| BlobError::Read {
            name: name.to_owned(),
            source,
        })?;
        Ok(bytes)
    }

    fn place(&self, name: &str) -> Result<Place, BlobError> {
        let (found, content) = self.members.find(name)?;
        Ok(Place {
            name: path::to_text(found),
            size_bytes: Some(content.end - content.start),
        })
    }

    fn layer(&self, name: &str, reading: Reading) -> Result<(ReadLayer, u64), BlobError> {
        let (_, content) = self.members.find(name)?;
        match read_layer(self.section(content), reading) {
            Ok(layer) => Ok((layer, content.end - content.start)),
            Err(source) => Err(BlobError::broken_layer(name, source)),
        }
    }
}
