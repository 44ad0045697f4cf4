//! What was noticed in the content of a file while its layer was read.

use super::secret::Secret;

/// Something in the content of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The file, by its index in the layer's entries.
    pub(crate) entry: usize,
    /// What it is.
    pub(crate) kind: MarkKind,
}

/// What the content of a file can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// A credential.
    Secret(Secret),
    /// Parts of a program that no run of it reads: debug information and symbols.
    Symbols {
        /// Bytes that `strip` would take away.
        size_bytes: u64,
    },
    /// The file is the memory of a program that crashed.
    CoreDump,
}
