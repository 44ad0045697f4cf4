//! An image archive that streams: read once from start to end, and all of use is kept.
//!
//! A stream can hold its layers before the manifest that names them, so everything is told by
//! content and kept under its member's name.

use std::io::{self, BufRead};
use std::sync::{Arc, PoisonError};

use super::ArchiveError;
use crate::input::blobs::{BlobError, Blobs, Place, Reading};
use crate::input::bytes::Stream;
use crate::input::layer::{LayerError, ReadLayer};
use crate::input::limits::LimitError;
use crate::input::member::Content;
use crate::input::members::Members;
use crate::input::tar::{MemberKind, TarReader};
use crate::model::path;

/// An archive that has been read.
#[derive(Debug)]
pub(crate) struct ArchiveStream {
    members: Members<Content>,
    document_bytes_max: u64,
}

impl ArchiveStream {
    /// Reads an uncompressed archive to its end.
    ///
    /// # Errors
    ///
    /// The archive is cut off or malformed, or holds more than is kept.
    pub(crate) fn read(reader: impl BufRead, reading: Reading) -> Result<Self, ArchiveError> {
        let mut tar = TarReader::new(Stream(reader));
        let mut members = Members::default();
        let mut tally = reading.budget.tally();
        let limits = &reading.budget.limits;
        let mut json_bytes = 0;
        while let Some(member) = tar.next_member()? {
            let name = path::normal(&member.path);
            match member.kind {
                MemberKind::File => {
                    let content = read_content(tar.body(), &name, reading)?;
                    json_bytes += content.json_bytes();
                    if json_bytes > limits.json_bytes {
                        return Err(LimitError::Json(limits.json_bytes).into());
                    }
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
        // Whoever writes into a pipe is not to find it closed.
        tar.finish()?;
        Ok(Self {
            members,
            document_bytes_max: limits.document_bytes,
        })
    }
}

fn read_content(
    body: impl BufRead,
    name: &[u8],
    reading: Reading,
) -> Result<Content, ArchiveError> {
    let content = Content::read(body, reading).map_err(|source| member_error(name, source))?;
    match &content {
        Content::Broken(error) => match **error {
            LayerError::Limit(limit) => Err(limit.into()),
            _ => Ok(content),
        },
        _ => Ok(content),
    }
}

fn member_error(name: &[u8], source: io::Error) -> ArchiveError {
    ArchiveError::Member {
        member: path::to_text(name),
        source,
    }
}

impl Blobs for ArchiveStream {
    fn has(&self, name: &str) -> bool {
        self.members.find(name).is_ok()
    }

    fn document(&self, name: &str) -> Result<Vec<u8>, BlobError> {
        let named = || name.to_owned();
        match self.members.find(name)?.1 {
            Content::Json(bytes) => Ok(bytes.clone()),
            Content::LargeDocument => Err(BlobError::LargeDocument {
                name: named(),
                limit_bytes: self.document_bytes_max,
            }),
            _ => Err(BlobError::WrongContent {
                name: named(),
                role: "JSON",
            }),
        }
    }

    fn place(&self, name: &str) -> Result<Place, BlobError> {
        let (found, _) = self.members.find(name)?;
        Ok(Place {
            name: path::to_text(found),
            size_bytes: None,
        })
    }

    fn layer(&self, name: &str, _reading: Reading) -> Result<(ReadLayer, u64), BlobError> {
        match self.members.find(name)?.1 {
            Content::Layer { read, size_bytes } => {
                let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
                let layer = read.take().ok_or_else(|| BlobError::Missing {
                    name: name.to_owned(),
                })?;
                Ok((layer, *size_bytes))
            }
            Content::Broken(error) => Err(BlobError::Layer {
                name: name.to_owned(),
                source: Arc::clone(error),
            }),
            _ => Err(BlobError::WrongContent {
                name: name.to_owned(),
                role: "a layer",
            }),
        }
    }
}
