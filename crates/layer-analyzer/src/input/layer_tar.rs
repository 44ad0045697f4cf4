//! Turns the tar archive of a layer into entries, and digests it on the way.
//!
//! Source of the markers: image-spec layer.md, section "Whiteouts".

use sha2::{Digest, Sha256};
use std::io::{self, BufReader, Read};

use common::report::format_sha256;

use super::tar::{Member, MemberKind, TarError, TarReader};
use crate::model::image::{Entry, EntryKind, Layer};
use crate::model::path;

const WHITEOUT_PREFIX: &[u8] = b".wh.";
const OPAQUE_MARKER: &[u8] = b".wh..wh..opq";
/// What AUFS kept for itself starts so, such as `.wh..wh.plnk`.
const AUFS_PREFIX: &[u8] = b".wh..wh.";

/// Chosen: large enough that the digest is not fed by the header, small beside a layer's entries.
const BUFFER_BYTES: usize = 128 * 1024;

/// Reads a layer's uncompressed archive to the end of the stream.
///
/// # Errors
///
/// The archive is cut off or malformed, or cannot be read.
pub(crate) fn read_layer(reader: impl Read) -> Result<Layer, TarError> {
    let digested = Digested {
        reader,
        sha256: Sha256::new(),
    };
    let mut tar = TarReader::new(BufReader::with_capacity(BUFFER_BYTES, digested));
    let mut entries = Vec::new();
    let mut nameless_whiteouts = Vec::new();
    while let Some(member) = tar.next_member()? {
        match Meaning::of(&member) {
            Meaning::Entry(entry) => entries.push(entry),
            Meaning::NamelessWhiteout(path) => nameless_whiteouts.push(path),
            Meaning::Nothing => {}
        }
    }
    entries.shrink_to_fit();
    let digested = tar.finish()?.into_inner();
    let diff_id = format_sha256(digested.sha256.finalize().as_slice());
    Ok(Layer {
        diff_id,
        entries,
        nameless_whiteouts,
    })
}

/// What a member of a layer's archive means.
enum Meaning {
    Entry(Entry),
    NamelessWhiteout(Box<[u8]>),
    Nothing,
}

impl Meaning {
    fn of(member: &Member) -> Self {
        let normal = path::normal(&member.path);
        let (folder, name) = path::split_last(&normal);
        if name == OPAQUE_MARKER {
            return Self::entry(folder.to_vec(), EntryKind::Opaque);
        }
        if is_of_aufs(&normal) {
            return Self::Nothing;
        }
        match name.strip_prefix(WHITEOUT_PREFIX) {
            Some(b"") => Self::NamelessWhiteout(normal.into()),
            Some(hidden) => Self::entry(path::join(folder, hidden), EntryKind::Whiteout),
            None => Self::entry(normal, kind(member)),
        }
    }

    fn entry(path: Vec<u8>, kind: EntryKind) -> Self {
        Self::Entry(Entry {
            path: path.into(),
            kind,
        })
    }
}

fn kind(member: &Member) -> EntryKind {
    match member.kind {
        MemberKind::File => EntryKind::File {
            size_bytes: member.size_bytes,
        },
        MemberKind::HardLink => EntryKind::HardLink {
            target: path::normal(&member.link).into(),
        },
        MemberKind::Directory => EntryKind::Directory,
        MemberKind::Symlink | MemberKind::Special => EntryKind::Other,
    }
}

fn is_of_aufs(normal: &[u8]) -> bool {
    normal
        .split(|byte| *byte == b'/')
        .any(|part| part.starts_with(AUFS_PREFIX))
}

/// A reader that digests what is read from it.
#[derive(Debug)]
struct Digested<R> {
    reader: R,
    sha256: Sha256,
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
    use proptest::prelude::*;

    use super::*;

    fn meaning(path: &str) -> Option<Entry> {
        let kind = MemberKind::File;
        let member = Member {
            path: path.into(),
            link: Vec::new(),
            kind,
            size_bytes: 1,
        };
        match Meaning::of(&member) {
            Meaning::Entry(entry) => Some(entry),
            _ => None,
        }
    }

    #[test]
    fn markers_are_told_from_files() {
        let cases = [
            ("./etc/.wh.passwd", "etc/passwd", EntryKind::Whiteout),
            (".wh.etc", "etc", EntryKind::Whiteout),
            ("etc/.wh..wh..opq", "etc", EntryKind::Opaque),
            (".wh..wh..opq", "", EntryKind::Opaque),
            (
                "etc/.white",
                "etc/.white",
                EntryKind::File { size_bytes: 1 },
            ),
        ];
        for (written, path, kind) in cases {
            let entry = Entry {
                path: path.as_bytes().into(),
                kind,
            };
            assert_eq!(meaning(written), Some(entry), "{written}");
        }
    }

    #[test]
    fn markers_that_name_no_file_hide_nothing() {
        for path in [
            "etc/.wh.",
            ".wh..wh.plnk/1.2",
            "etc/.wh..wh..opqX",
            ".wh..wh.aufs",
        ] {
            assert_eq!(meaning(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_layer_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
            let _ = read_layer(bytes.as_slice());
        }
    }
}
