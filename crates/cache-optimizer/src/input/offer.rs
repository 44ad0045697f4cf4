//! What build contexts leave out, and where the paths that a user names lie in them.

use common::build_context::{self, IgnoreError, IgnoreFile};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::model::build::{Build, Target};
use crate::model::change::{Asked, Change, Offer, PathChange};

/// Why it is not known what a change of a path does.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfferError {
    /// The path lies in no build context.
    #[error("`{path}` is in no build context of the build")]
    Outside {
        /// The path, as it was given.
        path: String,
        /// The contexts, as the build report names them.
        contexts: BTreeSet<String>,
    },
    /// The working directory is not known.
    #[error("failed to find `{path}`")]
    Path {
        /// The path, as it was given.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// An ignore file cannot be used.
    #[error(transparent)]
    Ignore(#[from] IgnoreError),
}

/// What the contexts offer to each target, in the build's order. A context that is not a folder here
/// leaves out nothing.
///
/// # Errors
///
/// An ignore file cannot be read, or is none.
pub(crate) fn offers(build: &Build) -> Result<Vec<Offer>, OfferError> {
    build.targets.iter().map(offer).collect()
}

fn offer(target: &Target) -> Result<Offer, OfferError> {
    let dir = Path::new(&target.context_dir);
    let ignore_path = build_context::ignore_path(dir, Path::new(&target.dockerfile_path));
    let ignore = ignore_path.as_deref().map(IgnoreFile::read).transpose()?;
    let recipe_paths = recipe_paths(target);
    Ok(Offer {
        ignore: ignore.unwrap_or_default(),
        recipe_paths: recipe_paths
            .iter()
            .filter_map(|path| within(dir, path))
            .filter_map(|path| text(&path))
            .collect(),
    })
}

/// The Dockerfile, and the ignore files that hold for it if they are there.
fn recipe_paths(target: &Target) -> [PathBuf; 3] {
    let mut own_ignore = OsString::from(&target.dockerfile_path);
    own_ignore.push(".dockerignore");
    [
        PathBuf::from(&target.dockerfile_path),
        PathBuf::from(own_ignore),
        Path::new(&target.context_dir).join(".dockerignore"),
    ]
}

/// Finds where a path, relative to the working directory, lies in the contexts. It need not exist.
///
/// # Errors
///
/// It lies in none, or the working directory is gone.
pub(crate) fn asked(path: &Path, build: &Build) -> Result<Asked, OfferError> {
    let shown = path.display().to_string();
    let failed = |source| OfferError::Path {
        path: shown.clone(),
        source,
    };
    let absolute = std::path::absolute(path).map_err(failed)?;
    let is_folder = path.is_dir() || shown.ends_with('/');
    let mut change = Change::default();
    for target in &build.targets {
        let inside = within(Path::new(&target.context_dir), &absolute);
        if let Some(path) = inside.as_deref().and_then(text) {
            change.add(&Change::one(
                &target.context_dir,
                PathChange { path, is_folder },
            ));
        }
    }
    let is_recipe = build
        .targets
        .iter()
        .flat_map(recipe_paths)
        .any(|recipe| real(&recipe) == real(&absolute));
    if change.contexts.is_empty() && !is_recipe {
        let contexts = build
            .targets
            .iter()
            .map(|target| target.context_dir.clone());
        return Err(OfferError::Outside {
            path: shown,
            contexts: contexts.collect(),
        });
    }
    Ok(Asked {
        path: shown,
        change,
        is_recipe,
    })
}

/// The path below a folder. `None` when it lies elsewhere, or the folder is not there.
fn within(dir: &Path, path: &Path) -> Option<PathBuf> {
    let dir = fs_err::canonicalize(dir).ok()?;
    let path = real(path)?;
    path.strip_prefix(dir).ok().map(Path::to_owned)
}

/// The path without links in the folders that lead to it. The last part may be a link or missing, and
/// so may folders at the end.
fn real(path: &Path) -> Option<PathBuf> {
    let path = normal(&std::path::absolute(path).ok()?);
    let Some((folder, name)) = path.parent().zip(path.file_name()) else {
        return Some(path);
    };
    let folder = fs_err::canonicalize(folder).ok().or_else(|| real(folder))?;
    Some(folder.join(name))
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts
}

/// The path with `/` between its parts.
fn text(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}
