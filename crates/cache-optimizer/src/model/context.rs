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
    /// The folders at its top that are among [`LEFTOVERS`], and those below it that are among
    /// [`NESTED_LEFTOVERS`], of which the ignore file leaves something. Sorted.
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

/// A folder of a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its path, which is its name at the top of the context.
    pub(crate) name: String,
    /// Bytes of all files in it.
    pub(crate) size_bytes: u64,
}

/// The outermost folders of a context with names of leftovers, of which something is offered.
pub(crate) fn leftovers(files: &Files) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for path in &files.folders {
        let is_within = |entry: &Entry| path.starts_with(&format!("{}/", entry.name));
        if is_leftover(path, files) && !found.iter().any(is_within) {
            found.push(Entry {
                name: path.clone(),
                size_bytes: files.folder_bytes(path),
            });
        }
    }
    found.retain(|entry| entry.size_bytes > 0);
    found
}

fn is_leftover(path: &str, files: &Files) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else {
        return LEFTOVERS.contains(&path);
    };
    let is_beside = |manifest: &str| files.has_file(&format!("{folder}/{manifest}"));
    is_nested_leftover(name)
        || name == "target" && (is_beside("Cargo.toml") || is_beside("pom.xml"))
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

/// The leftovers whose names also mean other things, so that they are recognised at the top alone.
const AMBIGUOUS: [&str; 7] = [
    ".cache", "build", "coverage", "dist", "out", "target", "venv",
];

/// Whether a name is a leftover's and means nothing else, so that it is recognised at any depth.
pub(crate) fn is_nested_leftover(name: &str) -> bool {
    LEFTOVERS.contains(&name) && !AMBIGUOUS.contains(&name)
}
