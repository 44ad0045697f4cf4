//! A build context as it is offered to the builder.

use std::path::PathBuf;

/// The content of a context folder, after its ignore file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ContextScan {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// The ignore file that was applied. `None` when there is none.
    pub(crate) ignore_path: Option<PathBuf>,
    /// What is offered, sorted by path components: a folder stands right before its content.
    pub(crate) entries: Vec<ContextEntry>,
    /// Paths of what a context cannot hold: sockets, pipes and devices.
    pub(crate) skipped: Vec<String>,
}

/// One file, folder or symbolic link of a build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContextEntry {
    /// The path within the context, with `/` between its parts.
    pub(crate) path: String,
    /// What it is.
    pub(crate) kind: EntryKind,
    /// The permission bits with set-user-id, set-group-id and sticky, such as `0o644`.
    pub(crate) mode: u32,
    /// Bytes of content; of a symbolic link those of its target, of a folder 0.
    pub(crate) size_bytes: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub(crate) modified_ns: i64,
    /// Device and inode of a file that has several names. `None` when it has one.
    pub(crate) inode: Option<(u64, u64)>,
    /// Digest of the content as `sha256:…`, of a symbolic link that of its target's text. `None`
    /// for folders, for files that cannot be read, and as long as nobody hashed it.
    pub(crate) digest: Option<String>,
}

/// What an entry of a build context is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link, which is offered as such and not followed.
    Symlink {
        /// Where it points to, as written.
        target: String,
    },
}
