//! Paths that no rule looks at.

use globset::GlobSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Paths that the user knows better about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ignore(pub(crate) GlobSet);

impl Ignore {
    /// Whether a normal path is one of them.
    pub(crate) fn has(&self, path: &[u8]) -> bool {
        !self.0.is_empty() && self.0.is_match(OsStr::from_bytes(path))
    }
}
