//! Changes of files in build contexts: those that are asked about, and those that commits made.

use common::build_context::IgnoreFile;
use std::collections::{BTreeMap, BTreeSet};

/// Changed paths, by the context that they lie in, as the build report names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// A context is not there when nothing in it changed.
    pub(crate) contexts: BTreeMap<String, BTreeSet<PathChange>>,
}

/// A path that changed: it was added, removed, or is another in content or mode.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PathChange {
    /// The path within the context, with `/` between its parts. Empty for the context itself.
    pub(crate) path: String,
    /// Whether it is a folder, in which something changed.
    pub(crate) is_folder: bool,
}

/// A path that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The path, as it was given.
    pub(crate) path: String,
    /// Where it lies in each context that it lies in.
    pub(crate) change: Change,
    /// Whether it is a Dockerfile or an ignore file.
    pub(crate) is_recipe: bool,
}

/// What a context offers to one target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offer {
    /// What it leaves out.
    pub(crate) ignore: IgnoreFile,
    /// The Dockerfile and the ignore files, as paths within the context, where they lie in it.
    pub(crate) recipe_paths: BTreeSet<String>,
}

/// What one commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// Its id.
    pub(crate) id: String,
    /// The paths that it touched.
    pub(crate) change: Change,
}

/// The commits that last touched the contexts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Commits {
    /// The commits, newest first.
    pub(crate) list: Vec<Commit>,
    /// How many were asked for.
    pub(crate) count_max: u32,
    /// Whether the repository has only the last part of its history.
    pub(crate) is_shallow: bool,
}

impl Change {
    /// A change of one path of one context.
    pub(crate) fn one(context_dir: &str, path: PathChange) -> Self {
        let contexts = [(context_dir.to_owned(), BTreeSet::from([path]))];
        Self {
            contexts: contexts.into(),
        }
    }

    /// Adds what another change has.
    pub(crate) fn add(&mut self, other: &Self) {
        for (context_dir, paths) in &other.contexts {
            let own = self.contexts.entry(context_dir.clone()).or_default();
            own.extend(paths.iter().cloned());
        }
    }
}
