//! Reads Dockerfiles with their contexts: those of a build, and those named as arguments.

use common::dockerfile::{Dockerfile, DockerfileError};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::context;
use crate::model::build::Build;
use crate::model::context::Context;
use crate::model::recipe::Recipe;

/// Why a Dockerfile cannot be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecipeError {
    /// The Dockerfile, or something in its context, cannot be read.
    #[error("failed to read what `{path}` is built from")]
    Read {
        /// The Dockerfile's path.
        path: String,
        /// What the system said; it names the file.
        source: io::Error,
    },
    /// The context that was named is not a folder.
    #[error("the build context `{path}` is not a folder")]
    NoContext {
        /// The path that was given.
        path: String,
    },
    /// The text is not a Dockerfile.
    #[error("`{path}` is not a Dockerfile: {source}")]
    Parse {
        /// The Dockerfile's path.
        path: String,
        /// What is wrong, and where.
        source: DockerfileError,
    },
}

/// Reads the Dockerfiles that a build used, each once for each context that it was built in. What
/// cannot be read any more comes back as an error beside the rest.
pub(crate) fn read_of_build(build: &Build) -> (Vec<Recipe>, Vec<RecipeError>) {
    let mut targets = BTreeMap::<_, Vec<_>>::new();
    for target in &build.targets {
        let key = (&target.dockerfile_path, &target.context_dir);
        targets.entry(key).or_default().push(target);
    }
    let mut recipes = Vec::new();
    let mut errors = Vec::new();
    for ((path, context_dir), targets) in targets {
        let size_bytes = targets.iter().map(|target| target.context_size_bytes).max();
        match read(Path::new(path), Path::new(context_dir), size_bytes) {
            Ok(recipe) => recipes.push(Recipe {
                targets: targets.iter().map(|target| target.name.clone()).collect(),
                ..recipe
            }),
            Err(error) => errors.push(error),
        }
    }
    (recipes, errors)
}

/// Reads Dockerfiles that are built in `context_dir`, or each in its own folder.
///
/// # Errors
///
/// A Dockerfile or its context cannot be read, or is not one.
pub(crate) fn read_named(
    paths: &[PathBuf],
    context_dir: Option<&Path>,
) -> Result<Vec<Recipe>, RecipeError> {
    if let Some(dir) = context_dir.filter(|dir| !dir.is_dir()) {
        return Err(RecipeError::NoContext {
            path: dir.display().to_string(),
        });
    }
    let recipe = |path: &PathBuf| {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let context_dir = context_dir.or(folder).unwrap_or(Path::new("."));
        read(path, context_dir, None)
    };
    paths.iter().map(recipe).collect()
}

fn read(path: &Path, context_dir: &Path, size_bytes: Option<u64>) -> Result<Recipe, RecipeError> {
    let shown_path = path.display().to_string();
    let failed = |source| RecipeError::Read {
        path: path.display().to_string(),
        source,
    };
    let text = fs_err::read_to_string(path).map_err(failed)?;
    let dockerfile = common::dockerfile::parse(&text).map_err(|source| RecipeError::Parse {
        path: shown_path.clone(),
        source,
    })?;
    let context = read_context(path, context_dir, &dockerfile, size_bytes).map_err(failed)?;
    Ok(Recipe {
        path: shown_path,
        dockerfile,
        context,
        targets: Vec::new(),
    })
}

/// A context that is no folder, such as a Git address, holds nothing that could be looked at.
fn read_context(
    path: &Path,
    context_dir: &Path,
    dockerfile: &Dockerfile,
    size_bytes: Option<u64>,
) -> io::Result<Context> {
    if context_dir.is_dir() {
        context::read(context_dir, path, dockerfile, size_bytes)
    } else {
        Ok(Context::default())
    }
}
