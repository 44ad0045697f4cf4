//! Reads Dockerfiles with their contexts: those of a build, and those named as arguments.

use common::dockerfile::{Dockerfile, DockerfileError};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use super::context::Contexts;
use crate::model::build::{Build, Target};
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
    /// The Dockerfile is not the one that was built.
    #[error("`{path}` was edited since the build: line {line} was `{text}`")]
    Edited {
        /// The Dockerfile's path.
        path: String,
        /// The first line that differs, from 1.
        line: u32,
        /// The instruction that was there.
        text: String,
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
/// cannot be read any more, or was edited since, comes back as an error beside the rest.
pub(crate) fn read_of_build(build: &Build) -> (Vec<Recipe>, Vec<RecipeError>) {
    let mut targets = BTreeMap::<_, Vec<_>>::new();
    for target in &build.targets {
        let key = (&target.dockerfile_path, &target.context_dir);
        targets.entry(key).or_default().push(target);
    }
    let mut contexts = Contexts::default();
    let mut recipes = Vec::new();
    let mut errors = Vec::new();
    for ((path, context_dir), targets) in targets {
        let size_bytes = targets.iter().map(|target| target.context_size_bytes).max();
        let recipe = read(
            &mut contexts,
            Path::new(path),
            Path::new(context_dir),
            size_bytes,
        )
        .and_then(|recipe| check_unedited(recipe, &targets));
        match recipe {
            Ok(recipe) => recipes.push(Recipe {
                targets: targets.iter().map(|target| target.name.clone()).collect(),
                ..recipe
            }),
            Err(error) => errors.push(error),
        }
    }
    (recipes, errors)
}

/// Compares the instructions that the targets were built from with those that are there now: rules
/// would give the lines and times of one file for the text of another.
fn check_unedited(recipe: Recipe, targets: &[&Target]) -> Result<Recipe, RecipeError> {
    let stages = recipe.dockerfile.stages.iter();
    let instructions = stages.flat_map(|stage| &stage.instructions);
    let texts: HashMap<_, _> = instructions.map(|i| (i.line, i.text.as_str())).collect();
    let built = targets.iter().flat_map(|target| &target.stages);
    let edited = built
        .flat_map(|stage| &stage.texts)
        .find(|(line, text)| texts.get(line) != Some(&text.as_str()));
    match edited {
        None => Ok(recipe),
        Some((&line, text)) => Err(RecipeError::Edited {
            path: recipe.path,
            line,
            text: text.clone(),
        }),
    }
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
    let mut contexts = Contexts::default();
    let recipe = |path: &PathBuf| {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let context_dir = context_dir.or(folder).unwrap_or(Path::new("."));
        read(&mut contexts, path, context_dir, None)
    };
    paths.iter().map(recipe).collect()
}

fn read(
    contexts: &mut Contexts,
    path: &Path,
    context_dir: &Path,
    size_bytes: Option<u64>,
) -> Result<Recipe, RecipeError> {
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
    let context = read_context(contexts, path, context_dir, &dockerfile, size_bytes);
    let context = context.map_err(failed)?;
    Ok(Recipe {
        path: shown_path,
        text,
        dockerfile,
        context,
        targets: Vec::new(),
    })
}

/// A context that is no folder, such as a Git address, holds nothing that could be looked at.
fn read_context(
    contexts: &mut Contexts,
    path: &Path,
    context_dir: &Path,
    dockerfile: &Dockerfile,
    size_bytes: Option<u64>,
) -> io::Result<Context> {
    if context_dir.is_dir() {
        contexts.read(context_dir, path, dockerfile, size_bytes)
    } else {
        Ok(Context::default())
    }
}

#[cfg(test)]
mod tests {
    use fs_err as fs;

    use super::*;
    use crate::model::sample::{build, stage, target};

    const TEXT: &str = "FROM scratch\nCOPY a b\n";

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Dockerfile"), TEXT).unwrap();
        dir
    }

    /// Targets of these names that were built from the folder when its second line was `line`.
    fn built<const N: usize>(dir: &Path, names: [&str; N], line: &str) -> Build {
        build(names.map(|name| {
            let mut target = target([]);
            target.name = name.to_owned();
            target.dockerfile_path = dir.join("Dockerfile").display().to_string();
            target.context_dir = dir.display().to_string();
            let mut stage = stage(0, "stage-0", None, Vec::new());
            stage.texts.insert(2, line.to_owned());
            target.stages = vec![stage];
            target
        }))
    }

    #[test]
    fn a_dockerfile_of_several_targets_is_read_once() {
        let dir = folder();
        let build = built(dir.path(), ["app", "test"], "COPY a b");
        let (recipes, errors) = read_of_build(&build);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(recipes.len(), 1);
        assert_eq!(recipes[0].targets, ["app", "test"]);
    }

    #[test]
    fn a_dockerfile_that_is_gone_or_edited_comes_back_as_an_error() {
        let dir = folder();
        let edited = built(dir.path(), ["app"], "COPY old b");
        let (recipes, errors) = read_of_build(&edited);
        assert!(recipes.is_empty());
        let message = errors[0].to_string();
        let path = dir.path().join("Dockerfile").display().to_string();
        let expected = format!("`{path}` was edited since the build: line 2 was `COPY old b`");
        assert_eq!(message, expected);

        fs::remove_file(&path).unwrap();
        let (_, errors) = read_of_build(&edited);
        assert!(matches!(errors[0], RecipeError::Read { .. }));
    }

    #[test]
    fn a_file_that_is_no_dockerfile_is_refused_with_its_line() {
        let dir = folder();
        let path = dir.path().join("Dockerfile");
        fs::write(&path, "FROM a\nFETCH b\n").unwrap();
        let error = read_named(std::slice::from_ref(&path), None).unwrap_err();
        let expected = format!("`{}` is not a Dockerfile: line 2", path.display());
        assert!(error.to_string().starts_with(&expected), "{error}");
    }

    #[test]
    fn the_context_is_the_folder_of_each_dockerfile_or_the_one_named() {
        let dir = folder();
        fs::create_dir_all(dir.path().join("a")).unwrap();
        let path = dir.path().join("Dockerfile");
        let folders = |context_dir: Option<&Path>| {
            let recipes = read_named(std::slice::from_ref(&path), context_dir).unwrap();
            recipes[0].context.folders.len()
        };
        assert_eq!(folders(None), 1);
        let elsewhere = tempfile::tempdir().unwrap();
        assert_eq!(folders(Some(elsewhere.path())), 0);
        let missing = elsewhere.path().join("missing");
        let error = read_named(std::slice::from_ref(&path), Some(&missing)).unwrap_err();
        assert!(matches!(error, RecipeError::NoContext { .. }));
    }
}
