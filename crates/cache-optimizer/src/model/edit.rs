//! A change of a text file, as whole lines.

/// What takes the place of what, in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The file.
    pub(crate) file: EditedFile,
    /// The line, from 1, before which the change begins. One past the last line appends.
    pub(crate) line: u32,
    /// How many lines go, from `line` on.
    pub(crate) removed_count: u32,
    /// What comes in their place, without line ends.
    pub(crate) lines: Vec<String>,
}

/// A file that advice may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EditedFile {
    /// The Dockerfile itself.
    Dockerfile,
    /// The ignore file in force, which may not be there yet.
    IgnoreFile,
}
