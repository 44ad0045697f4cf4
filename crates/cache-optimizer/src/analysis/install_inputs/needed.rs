//! The files that an install is found to need, and paths as the manifests write them.
//!
//! A symbolic link among them, or a folder above one that is a link, is refused: copied alone it may
//! lead nowhere.

use std::collections::BTreeSet;

use super::Inputs;
use super::paths::{self, parent};
use crate::model::files::Files;

/// What is known to be needed so far.
pub(super) struct Needed<'a> {
    files: &'a Files,
    paths: BTreeSet<String>,
}

impl<'a> Needed<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Self {
            files,
            paths: BTreeSet::new(),
        }
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.files.has_file(path)
    }

    /// Adds a file that must be there. Returns whether it is new.
    ///
    /// # Errors
    ///
    /// The context does not offer it, or only through a link.
    pub(super) fn require(&mut self, path: &str) -> Result<bool, String> {
        let links = &self.files.links;
        if let Some(link) = ancestors(path).find(|above| links.contains_key(*above)) {
            return Err(format!("`{link}` is a symbolic link"));
        }
        if !self.files.has_file(path) {
            return Err(format!("the context does not offer `{path}`"));
        }
        Ok(self.paths.insert(path.to_owned()))
    }

    /// Adds a file if it is there.
    ///
    /// # Errors
    ///
    /// It is there through a link.
    pub(super) fn add(&mut self, path: &str) -> Result<(), String> {
        if self.files.has_file(path) {
            self.require(path)?;
        }
        Ok(())
    }

    /// Adds a whole folder if it is there.
    ///
    /// # Errors
    ///
    /// There is a link in it, or in its place.
    pub(super) fn add_folder(&mut self, path: &str) -> Result<(), String> {
        let is_in_it = |link: &&String| ancestors(link).any(|above| above == path);
        if let Some(link) = self.files.links.keys().find(is_in_it) {
            return Err(format!("`{link}` is a symbolic link"));
        }
        if self.files.folders.contains(path) {
            self.paths.insert(path.to_owned());
        }
        Ok(())
    }

    /// The text of a manifest, which is added with it.
    ///
    /// # Errors
    ///
    /// The context does not offer it, or it is too large to be read.
    pub(super) fn text(&mut self, path: &str) -> Result<&'a str, String> {
        self.require(path)?;
        let text = self.files.text(path);
        text.ok_or_else(|| format!("`{path}` was not read"))
    }

    pub(super) fn into_inputs(self) -> Inputs {
        // What is in a folder that is needed as a whole comes with it.
        let paths = &self.paths;
        let is_in_folder =
            |path: &&String| ancestors(parent(path)).any(|above| paths.contains(above));
        Inputs {
            paths: paths
                .iter()
                .filter(|path| !is_in_folder(path))
                .cloned()
                .collect(),
            command: None,
        }
    }
}

/// The path in the context of what a file in the folder `dir` calls `path`. `None` when that is not in
/// the context, or not written out.
pub(super) fn joined(dir: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) || path.contains(['$', ':']) {
        return None;
    }
    paths::join(dir, path)
}

/// The path of `name` in the folder `dir`.
pub(super) fn within(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.to_owned()
    } else {
        format!("{dir}/{name}")
    }
}

/// What follows the last dot of a file's name.
pub(super) fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// A path, and all folders above it up to the context itself, which is empty.
pub(super) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| (!path.is_empty()).then(|| parent(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_followed_up_and_down_but_not_out_of_the_context() {
        assert_eq!(joined("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(joined("", ".").as_deref(), Some(""));
        for path in ["../../..", "/etc", "$HOME/x", "C:/x", "~/x"] {
            assert_eq!(joined("a/b", path), None, "{path}");
        }
        let above: Vec<_> = ancestors("a/b").collect();
        assert_eq!(above, ["a/b", "a", ""]);
    }

    #[test]
    fn what_is_a_link_or_missing_is_refused() {
        let mut files = Files::default();
        files.sizes_bytes.insert("a/b".to_owned(), 1);
        files.sizes_bytes.insert("link".to_owned(), 0);
        files.links.insert("link".to_owned(), "a".to_owned());
        let mut needed = Needed::new(&files);
        assert_eq!(needed.require("a/b"), Ok(true));
        assert_eq!(needed.require("a/b"), Ok(false));
        let gone = Err("the context does not offer `a/c`".to_owned());
        assert_eq!(needed.require("a/c"), gone);
        let linked = Err("`link` is a symbolic link".to_owned());
        assert_eq!(needed.require("link/b"), linked);
        assert_eq!(needed.into_inputs().paths, ["a/b"]);
    }

    #[test]
    fn a_folder_stands_for_what_is_in_it() {
        let mut files = Files::default();
        files.sizes_bytes.insert(".mvn/maven.config".to_owned(), 1);
        files.folders.insert(".mvn".to_owned());
        let mut needed = Needed::new(&files);
        needed.require(".mvn/maven.config").unwrap();
        needed.add_folder(".mvn").unwrap();
        assert_eq!(needed.into_inputs().paths, [".mvn"]);
    }
}
