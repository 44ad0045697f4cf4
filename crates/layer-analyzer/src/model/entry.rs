//! What a layer says about one path.

/// One path of a layer, in its archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The normal path: the root is empty. For a whiteout the path that it hides, for an opaque
    /// marker the directory whose content it hides.
    pub(crate) path: Box<[u8]>,
    /// What is there.
    pub(crate) kind: EntryKind,
    /// Whom it belongs to, and when it changed. Of no meaning for whiteouts and opaque markers.
    pub(crate) metadata: Metadata,
}

/// What a layer has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A regular file.
    File(FileContent),
    /// One more name for a file.
    HardLink {
        /// The normal path of the file.
        target: Box<[u8]>,
    },
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink {
        /// Where it leads, as written.
        target: Box<[u8]>,
    },
    /// A device or pipe.
    Special(Special),
    /// The path of lower layers is gone.
    Whiteout,
    /// What lower layers have in the directory is gone.
    Opaque,
}

/// The content of a regular file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileContent {
    /// Bytes as stored, without the holes of a sparse file.
    pub(crate) size_bytes: u64,
    /// Bytes that a program reads, with the holes of a sparse file.
    pub(crate) logical_bytes: u64,
    /// The digest of the bytes as stored. `None` when only the layer's structure was read.
    pub(crate) digest: Option<ContentDigest>,
}

/// BLAKE3 of a content: much faster than SHA-256, and as hard to forge.
pub(crate) type ContentDigest = [u8; 32];

/// What is neither file, directory nor link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    /// A character device.
    CharDevice {
        /// Its driver.
        major: u32,
        /// Which of the driver's devices.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Its driver.
        major: u32,
        /// Which of the driver's devices.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
}

/// What an archive says about a path besides its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// Permissions with set-user-id, set-group-id and sticky bits, without the file's type.
    pub(crate) mode: u32,
    /// The owner. One that is larger than Linux has is the largest.
    pub(crate) user_id: u32,
    /// The group. One that is larger than Linux has is the largest.
    pub(crate) group_id: u32,
    /// Nanoseconds of the last change after `mtime_s`.
    pub(crate) mtime_ns: u32,
    /// Seconds of the last change since 1970, before it if negative.
    pub(crate) mtime_s: i64,
    /// Extended attributes, sorted by name.
    pub(crate) xattrs: Box<[Xattr]>,
}

/// One extended attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Xattr {
    /// The name, such as `security.capability`.
    pub(crate) name: Box<[u8]>,
    /// The value, which need not be text.
    pub(crate) value: Box<[u8]>,
}

#[cfg(test)]
impl Entry {
    /// A file of `size_bytes` whose content was not read.
    pub(crate) fn file(path: &str, size_bytes: u64) -> Self {
        Self::of(
            path,
            EntryKind::File(FileContent {
                size_bytes,
                logical_bytes: size_bytes,
                digest: None,
            }),
        )
    }

    /// Something with metadata that does not matter.
    pub(crate) fn of(path: &str, kind: EntryKind) -> Self {
        Self {
            path: path.as_bytes().into(),
            kind,
            metadata: Metadata::default(),
        }
    }
}
