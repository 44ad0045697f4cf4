//! The files of a build context, as far as rules ask for them.

use common::dockerfile::Dockerfile;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

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
    /// The folders that were not looked into, because a tool fills them, and the bytes that they offer.
    pub(crate) unread: BTreeMap<String, u64>,
    /// Whether all of the context is here. Folders such as `node_modules` are never looked into, and
    /// a context may be too large.
    pub(crate) is_complete: bool,
    /// What [`Files::dockerfiles`] gave: many Dockerfiles of one context ask for all the others.
    pub(crate) parsed: OnceLock<BTreeMap<String, Dockerfile>>,
}

impl Files {
    /// Whether there is a file or a symbolic link at a path.
    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.sizes_bytes.contains_key(path)
    }

    /// The Dockerfiles among the files, as their names say, that can be parsed.
    pub(crate) fn dockerfiles(&self) -> &BTreeMap<String, Dockerfile> {
        self.parsed.get_or_init(|| {
            let named = self.texts.iter().filter(|(path, _)| is_dockerfile(path));
            let parsed = |(path, text): (&String, &String)| {
                Some((path.clone(), common::dockerfile::parse(text).ok()?))
            };
            named.filter_map(parsed).collect()
        })
    }

    /// Bytes of all that a folder offers.
    pub(crate) fn folder_bytes(&self, folder: &str) -> u64 {
        let below = format!("{folder}/");
        let sum = |sizes: &BTreeMap<String, u64>| -> u64 {
            let from = sizes.range(below.clone()..);
            let in_folder = from.take_while(|(path, _)| path.starts_with(&below));
            in_folder.map(|(_, size_bytes)| size_bytes).sum()
        };
        let own = self.unread.get(folder).copied().unwrap_or_default();
        own + sum(&self.sizes_bytes) + sum(&self.unread)
    }

    /// The text of a file that was read.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }
}

fn is_dockerfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_one = name.starts_with("Dockerfile") || name.to_lowercase().ends_with(".dockerfile");
    is_one && !name.ends_with("ignore")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_offers_what_is_below_it_and_no_more() {
        let mut files = Files::default();
        for (path, size_bytes) in [("a/b", 1), ("a/c/d", 2), ("a.txt", 4), ("ab/x", 8)] {
            files.sizes_bytes.insert(path.to_owned(), size_bytes);
        }
        files.unread.insert("a/node_modules".to_owned(), 16);
        assert_eq!(files.folder_bytes("a"), 19);
        assert_eq!(files.folder_bytes("a/node_modules"), 16);
    }
}
