//! Compares what two images have at one path.

use crate::model::entry::{Entry, EntryKind, FileContent, Metadata, Special};

/// One way in which two images differ, in the order in which reports list them: those that a
/// container sees first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// Files are there in one only.
    Files,
    /// Files have other contents.
    Content,
    /// Paths are of another kind, or lead elsewhere.
    Kind,
    /// Permissions differ.
    Permissions,
    /// Owners differ.
    Ownership,
    /// Extended attributes differ.
    Attributes,
    /// Times of last change differ.
    Times,
    /// The settings of containers differ.
    Settings,
    /// Layers hold the same in another order.
    Order,
    /// The same files are spread over other layers, or layers differ in what no container sees.
    Layers,
    /// The archives are written another way.
    Packing,
    /// When the images were made, or the history of commands.
    History,
}

impl Cause {
    /// Whether a container can be told that there is a difference, times apart.
    pub(crate) fn is_seen(self) -> bool {
        match self {
            Self::Files
            | Self::Content
            | Self::Kind
            | Self::Permissions
            | Self::Ownership
            | Self::Attributes
            | Self::Settings => true,
            Self::Times | Self::Order | Self::Layers | Self::Packing | Self::History => false,
        }
    }
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thing<'a> {
    /// What it is.
    pub(crate) kind: ThingKind<'a>,
    /// Whom it belongs to, and when it changed. `None` for a directory that no layer lists.
    pub(crate) metadata: Option<&'a Metadata>,
    /// Whether it is a further name of a file, which has no bytes of its own.
    pub(crate) is_further_name: bool,
}

/// What can be at a path; hard links are the files that they lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThingKind<'a> {
    /// A file, by whichever of its names.
    File(FileContent),
    /// A directory.
    Directory,
    /// A symbolic link, and where it leads.
    Symlink(&'a [u8]),
    /// A device or pipe.
    Special(Special),
    /// A hard link to something that is no file.
    DeadLink(&'a [u8]),
    /// A mark that hides what lower layers have.
    Marker,
}

/// How two things differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// What differs, sorted.
    pub(crate) causes: Vec<Cause>,
    /// Whether they could have other contents all the same, because those were not read.
    pub(crate) is_unread: bool,
}

impl<'a> Thing<'a> {
    /// What `entry` puts at its path; `content` is the file that it is a name of.
    pub(crate) fn of(entry: &'a Entry, content: Option<(FileContent, &'a Metadata)>) -> Self {
        let (kind, metadata) = match (&entry.kind, content) {
            (_, Some((content, metadata))) => (ThingKind::File(content), metadata),
            (EntryKind::File(content), None) => (ThingKind::File(*content), &entry.metadata),
            (EntryKind::HardLink { target }, None) => {
                (ThingKind::DeadLink(target), &entry.metadata)
            }
            (EntryKind::Directory, None) => (ThingKind::Directory, &entry.metadata),
            (EntryKind::Symlink { target }, None) => (ThingKind::Symlink(target), &entry.metadata),
            (EntryKind::Special(special), None) => (ThingKind::Special(*special), &entry.metadata),
            (EntryKind::Whiteout | EntryKind::Opaque, None) => (ThingKind::Marker, &entry.metadata),
        };
        Self {
            kind,
            metadata: Some(metadata),
            is_further_name: false,
        }
    }

    /// How `self` and `other` differ.
    pub(crate) fn compare(&self, other: &Self) -> Comparison {
        let mut found = Comparison::default();
        let is_same_kind = match (self.kind, other.kind) {
            (ThingKind::File(a), ThingKind::File(b)) => {
                found = compare_contents(a, b);
                true
            }
            (a, b) => a == b,
        };
        if !is_same_kind {
            found.causes.push(Cause::Kind);
        }
        let is_other_kind =
            std::mem::discriminant(&self.kind) != std::mem::discriminant(&other.kind);
        if let (Some(a), Some(b), false) = (self.metadata, other.metadata, is_other_kind) {
            // Linux gives symbolic links no permissions of their own.
            let has_mode = !matches!(self.kind, ThingKind::Symlink(_));
            let differs = [
                (Cause::Permissions, has_mode && a.mode != b.mode),
                (
                    Cause::Ownership,
                    (a.user_id, a.group_id) != (b.user_id, b.group_id),
                ),
                (Cause::Attributes, a.xattrs != b.xattrs),
                (
                    Cause::Times,
                    (a.mtime_s, a.mtime_ns) != (b.mtime_s, b.mtime_ns),
                ),
            ];
            let differs = differs.into_iter().filter(|(_, differs)| *differs);
            found.causes.extend(differs.map(|(cause, _)| cause));
        }
        found
    }
}

fn compare_contents(a: FileContent, b: FileContent) -> Comparison {
    let sizes = |content: FileContent| (content.size_bytes, content.logical_bytes);
    let (is_other, is_unread) = match (a.digest, b.digest) {
        _ if sizes(a) != sizes(b) => (true, false),
        (Some(a), Some(b)) => (a != b, false),
        _ => (false, a.size_bytes > 0),
    };
    Comparison {
        causes: is_other.then_some(Cause::Content).into_iter().collect(),
        is_unread,
    }
}
