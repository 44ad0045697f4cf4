//! What of a folder is in a build context: path patterns, and ignore files made of them.
//!
//! Shared, because what an ignore file leaves out must be the same for the tool that sends a context
//! and for the one that says what a change in it costs. Nobody walks a folder here.

mod ignore;
mod pattern;

use std::path::{Path, PathBuf};

pub use ignore::{IgnoreError, IgnoreFile, Matches};
pub use pattern::expression;

/// The ignore file that holds for a Dockerfile: its own, else that of the context, else none.
///
/// Source: <https://docs.docker.com/build/concepts/context/#filename-and-location>
pub fn ignore_path(context_dir: &Path, dockerfile_path: &Path) -> Option<PathBuf> {
    let mut own = dockerfile_path.as_os_str().to_owned();
    own.push(".dockerignore");
    [PathBuf::from(own), context_dir.join(".dockerignore")]
        .into_iter()
        .find(|path| path.is_file())
}
