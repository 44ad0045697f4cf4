//! The files of a build context, as far as rules ask for them.

use std::collections::{BTreeMap, BTreeSet};

/// What a context offers, after its ignore file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files {
    /// Bytes of each file, by path with `/` between its parts; of a symbolic link 0.
    pub(crate) sizes_bytes: BTreeMap<String, u64>,
    /// The folders.
    pub(crate) folders: BTreeSet<String>,
    /// The symbolic links among the files, and where they lead.
    pub(crate) links: BTreeMap<String, String>,
    /// The text of files that say what a project needs, such as `package.json`.
    pub(crate) texts: BTreeMap<String, String>,
    /// Whether all of the context is here. Folders such as `node_modules` are never looked into, and
    /// a context may be too large.
    pub(crate) is_complete: bool,
}

impl Files {
    /// Whether there is a file or a symbolic link at a path.
    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.sizes_bytes.contains_key(path)
    }

    /// The text of a file that was read.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }
}
