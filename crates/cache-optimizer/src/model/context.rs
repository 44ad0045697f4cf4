//! A build context, as far as it decides what a `COPY` takes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::files::Files;

/// The folder that is offered to the builder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Context {
    /// Its path.
    pub(crate) dir: String,
    /// Bytes of the files that are offered, after `.dockerignore`.
    pub(crate) size_bytes: u64,
    /// The entries at its top that are among [`LEFTOVERS`] and that no ignore file excludes.
    pub(crate) leftovers: Vec<Entry>,
    /// The ignore file in force, or where one would be.
    pub(crate) ignore_path: String,
    /// The text of the ignore file in force. `None` when there is none.
    pub(crate) ignore_text: Option<String>,
    /// The sources of the Dockerfile's `COPY` and `ADD` that are folders, as written.
    pub(crate) folders: BTreeSet<String>,
    /// All that it offers. Shared by the Dockerfiles of one folder.
    pub(crate) files: Arc<Files>,
}

/// A file or folder at the top of a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name.
    pub(crate) name: String,
    /// Bytes of all files in it.
    pub(crate) size_bytes: u64,
}

/// What lies in a project's folder because someone worked there, and what the image makes again
/// itself or does not need: history, installed dependencies, build results, caches.
///
/// Source: the templates of <https://github.com/github/gitignore> (Node, Python, Rust, Java, Go).
pub(crate) const LEFTOVERS: [&str; 24] = [
    ".cache",
    ".git",
    ".gradle",
    ".hg",
    ".idea",
    ".mypy_cache",
    ".next",
    ".nuxt",
    ".nyc_output",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".terraform",
    ".tox",
    ".venv",
    ".vscode",
    "__pycache__",
    "build",
    "coverage",
    "dist",
    "node_modules",
    "out",
    "target",
    "venv",
];
