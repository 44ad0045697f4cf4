//! Turns the tar archive of a layer into entries.
//!
//! Source of the markers: image-spec layer.md, section "Whiteouts".

use super::blobs::Reading;
use super::bytes::Bytes;
use super::content::ContentReader;
use super::layer::LayerError;
use super::tar::{Member, MemberKind, TarReader};
use crate::model::entry::{ContentDigest, Entry, EntryKind, FileContent, Metadata};
use crate::model::mark::Mark;
use crate::model::path;

const WHITEOUT_PREFIX: &[u8] = b".wh.";
const OPAQUE_MARKER: &[u8] = b".wh..wh..opq";
/// What AUFS kept for itself starts so, such as `.wh..wh.plnk`.
const AUFS_PREFIX: &[u8] = b".wh..wh.";

/// How much of a layer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// The headers: what is there, and how large it is.
    Structure,
    /// Every byte: digests are checked, and contents told apart.
    Content,
}

/// What a layer's archive holds.
#[derive(Debug, Default)]
pub(crate) struct LayerEntries {
    /// The entries, in the archive's order.
    pub(crate) entries: Vec<Entry>,
    /// What was noticed in the files' contents, in the order of the entries.
    pub(crate) marks: Vec<Mark>,
    /// Paths of markers that mean nothing, because they name no file.
    pub(crate) nameless_whiteouts: Vec<Box<[u8]>>,
}

/// Reads a layer's uncompressed archive, and returns the reader at its end: of the stream for the
/// content, of the archive for the structure.
///
/// # Errors
///
/// The archive is cut off or malformed, holds more entries than are kept, or cannot be read.
pub(crate) fn read_entries<R: Bytes>(
    reader: R,
    reading: Reading,
) -> Result<(LayerEntries, R), LayerError> {
    let mut tar = TarReader::new(reader);
    let mut contents = ContentReader::default();
    let mut layer = LayerEntries::default();
    let mut tally = reading.budget.tally();
    while let Some(member) = tar.next_member()? {
        tally.take(name_bytes(&member))?;
        let (digest, marks) = match (reading.depth, member.kind) {
            (Depth::Content, MemberKind::File) => {
                let (digest, marks) = contents.read(&mut tar, &member)?;
                (Some(digest), marks)
            }
            _ => (None, Vec::new()),
        };
        match Meaning::of(member, digest) {
            Meaning::Entry(entry) => {
                let index = layer.entries.len();
                layer
                    .marks
                    .extend(marks.into_iter().map(|kind| Mark { entry: index, kind }));
                layer.entries.push(entry);
            }
            Meaning::NamelessWhiteout(path) => layer.nameless_whiteouts.push(path),
            Meaning::Nothing => {}
        }
    }
    tally.finish()?;
    layer.entries.shrink_to_fit();
    let reader = match reading.depth {
        Depth::Structure => tar.into_inner(),
        Depth::Content => tar.finish()?,
    };
    Ok((layer, reader))
}

/// How many bytes are kept of a member besides what every entry takes.
fn name_bytes(member: &Member) -> usize {
    let xattrs = member.metadata.xattrs.iter();
    let xattr_bytes: usize = xattrs
        .map(|xattr| xattr.name.len() + xattr.value.len())
        .sum();
    member.path.len() + member.link.len() + xattr_bytes
}

/// What a member of a layer's archive means.
enum Meaning {
    Entry(Entry),
    NamelessWhiteout(Box<[u8]>),
    Nothing,
}

impl Meaning {
    fn of(mut member: Member, digest: Option<ContentDigest>) -> Self {
        let normal = path::into_normal(std::mem::take(&mut member.path));
        let (folder, name) = path::split_last(&normal);
        if name == OPAQUE_MARKER {
            return Self::marker(folder.to_vec(), EntryKind::Opaque);
        }
        if is_of_aufs(&normal) {
            return Self::Nothing;
        }
        match name.strip_prefix(WHITEOUT_PREFIX) {
            Some(b"") => Self::NamelessWhiteout(normal.into()),
            Some(hidden) => Self::marker(path::join(folder, hidden), EntryKind::Whiteout),
            None => Self::Entry(Entry {
                path: normal.into(),
                kind: kind(&member, digest),
                metadata: member.metadata,
            }),
        }
    }

    fn marker(path: Vec<u8>, kind: EntryKind) -> Self {
        Self::Entry(Entry {
            path: path.into(),
            kind,
            metadata: Metadata::default(),
        })
    }
}

fn kind(member: &Member, digest: Option<ContentDigest>) -> EntryKind {
    match member.kind {
        MemberKind::File => EntryKind::File(FileContent {
            size_bytes: member.size_bytes,
            logical_bytes: member.logical_bytes,
            digest,
        }),
        MemberKind::HardLink => EntryKind::HardLink {
            target: path::normal(&member.link).into(),
        },
        MemberKind::Directory => EntryKind::Directory,
        MemberKind::Symlink => EntryKind::Symlink {
            target: member.link.as_slice().into(),
        },
        MemberKind::Special(special) => EntryKind::Special(special),
    }
}

fn is_of_aufs(normal: &[u8]) -> bool {
    normal
        .split(|byte| *byte == b'/')
        .any(|part| part.starts_with(AUFS_PREFIX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bytes::Stream;
    use super::super::limits::Budget;
    use super::*;

    fn meaning(path: &str) -> Option<Entry> {
        let member = Member {
            path: path.into(),
            link: Vec::new(),
            kind: MemberKind::File,
            size_bytes: 1,
            logical_bytes: 1,
            metadata: Metadata::default(),
        };
        match Meaning::of(member, None) {
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
        ];
        for (written, path, kind) in cases {
            assert_eq!(meaning(written), Some(Entry::of(path, kind)), "{written}");
        }
        assert_eq!(meaning("etc/.white"), Some(Entry::file("etc/.white", 1)));
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
            let (depth, budget) = (Depth::Content, &Budget::default());
            let _ = read_entries(Stream(bytes.as_slice()), Reading { depth, budget });
        }
    }
}
