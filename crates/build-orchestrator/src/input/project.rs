//! Reads what is to be built: compose files, bake files, or a Dockerfile alone.

use common::dockerfile::Dockerfile;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::bake::{self, BakeError};
use super::compose::{self, ComposeError};
use super::dockerfile::{ReadError, check_stage, read_dockerfile};
use super::env_file::{EnvFileError, read_env_file};
use super::lone;
use super::nearest::hint;
use super::overrides::{OverrideError, Overrides, apply};
use crate::model::plan::Target;

/// The bake files that are looked for when no file is named; all that are there are merged.
///
/// Source: `defaultFilenames` in bake/bake.go of github.com/docker/buildx.
const BAKE_FILES: [&str; 4] = [
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
];

/// The compose files that are looked for, each with its override; the first that is there counts.
///
/// Source: <https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file>
const COMPOSE_FILES: [(&str, [&str; 2]); 4] = [
    (
        "compose.yaml",
        ["compose.override.yaml", "compose.override.yml"],
    ),
    (
        "compose.yml",
        ["compose.override.yml", "compose.override.yaml"],
    ),
    (
        "docker-compose.yaml",
        [
            "docker-compose.override.yaml",
            "docker-compose.override.yml",
        ],
    ),
    (
        "docker-compose.yml",
        [
            "docker-compose.override.yml",
            "docker-compose.override.yaml",
        ],
    ),
];

/// Which files to read, and what to change of what they say.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProjectFiles {
    /// The files. Empty looks for some.
    pub(crate) files: Vec<PathBuf>,
    /// The files with the variables, later ones winning. Empty is `.env` beside the first file, if
    /// there.
    pub(crate) env_files: Vec<PathBuf>,
    /// The profiles of compose files that are switched on.
    pub(crate) profiles: Vec<String>,
    /// The overrides of bake files, as `TARGET.KEY=VALUE`.
    pub(crate) set: Vec<String>,
    /// What only a Dockerfile alone has.
    pub(crate) lone: lone::Lone,
    /// What is changed of all targets.
    pub(crate) overrides: Overrides,
}

/// A file that was read: its kind and its path.
pub(crate) type InputFile = (&'static str, String);

/// What is to be built, before it is known what depends on what.
#[derive(Debug, Default)]
pub(crate) struct Project {
    /// The targets, by name, those included that are built only when asked for.
    pub(crate) targets: Vec<Target>,
    /// Names that stand for several targets or groups.
    pub(crate) groups: BTreeMap<String, Vec<String>>,
    /// The targets and groups that are built when none is asked for.
    pub(crate) default_targets: Vec<String>,
    /// The files that were read, as the report's inputs name them.
    pub(crate) files: Vec<InputFile>,
    /// What the user should know, though it ends nothing.
    pub(crate) warnings: Vec<String>,
    /// The targets whose Dockerfiles cannot be read, which matters only if they are to be built.
    pub(crate) unreadable: Vec<(String, ReadError)>,
}

/// Why it cannot be said what is to be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProjectError {
    /// No file is named, and none is there.
    #[error(
        "there is neither a compose file, nor a bake file, nor a Dockerfile in the working directory"
    )]
    NoFile,
    /// Files are named that have nothing in common.
    #[error(
        "`{first}` and `{second}` cannot be merged: files are of one kind, compose, bake or a single Dockerfile"
    )]
    Mixed {
        /// One file.
        first: PathBuf,
        /// One of another kind, or a second Dockerfile.
        second: PathBuf,
    },
    /// An argument that only some kinds of files have was given with another.
    #[error("`{argument}` goes with {goes_with}, but `{path}` is {is}")]
    WrongKind {
        /// The argument.
        argument: &'static str,
        /// The kinds that have it.
        goes_with: &'static str,
        /// The file.
        path: PathBuf,
        /// Its kind.
        is: &'static str,
    },
    /// The files build nothing.
    #[error("`{path}` has nothing to build: {missing}")]
    NoTargets {
        /// The first file.
        path: PathBuf,
        /// What would be built.
        missing: &'static str,
    },
    /// A target is asked for that is not there.
    #[error("there is no target `{name}`{}", hint(.name, .names))]
    NoTarget {
        /// The target.
        name: String,
        /// The targets and groups that there are.
        names: Vec<String>,
    },
    /// The variables cannot be read.
    #[error(transparent)]
    EnvFile(#[from] EnvFileError),
    /// The compose files cannot be read.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The bake files cannot be read.
    #[error(transparent)]
    Bake(#[from] BakeError),
    /// A Dockerfile cannot be read.
    #[error(transparent)]
    Dockerfile(#[from] ReadError),
    /// An argument that changes all targets is malformed.
    #[error(transparent)]
    Override(#[from] OverrideError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Compose,
    Bake,
    Dockerfile,
}

impl Kind {
    fn of(path: &Path) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("yml" | "yaml") => Self::Compose,
            Some("hcl" | "json") => Self::Bake,
            _ => Self::Dockerfile,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Compose => "a compose file",
            Self::Bake => "a bake file",
            Self::Dockerfile => "a Dockerfile",
        }
    }
}

/// Reads a project with all its targets.
///
/// # Errors
///
/// A file is missing, cannot be read, or is malformed; the error names file and line.
pub(crate) fn read_project(files: &ProjectFiles) -> Result<Project, ProjectError> {
    let (kind, paths) = paths(files)?;
    check_arguments(kind, &paths[0], files)?;
    let (mut project, missing) = match kind {
        Kind::Compose => (
            compose_project(&paths, files)?,
            "no service has a `build` section",
        ),
        Kind::Bake => (bake_project(&paths, files)?, "there is no target"),
        Kind::Dockerfile => (lone::read(&paths[0], &files.lone)?, "there is no stage"),
    };
    if project.targets.is_empty() {
        return Err(ProjectError::NoTargets {
            path: paths[0].clone(),
            missing,
        });
    }
    for target in &mut project.targets {
        apply(&files.overrides, target)?;
    }
    read_dockerfiles(&mut project);
    Ok(project)
}

/// The files to read, all of one kind and at least one.
fn paths(files: &ProjectFiles) -> Result<(Kind, Vec<PathBuf>), ProjectError> {
    let paths = if files.files.is_empty() {
        found()
    } else {
        files.files.clone()
    };
    let first = paths.first().ok_or(ProjectError::NoFile)?;
    // A bake project may read compose files too, which then give targets like any other.
    let kinds = || paths.iter().map(|path| Kind::of(path));
    let kind = if kinds().any(|kind| kind == Kind::Bake) {
        Kind::Bake
    } else {
        Kind::of(first)
    };
    let is_stray = |(index, path): &(usize, &PathBuf)| match Kind::of(path) {
        Kind::Dockerfile => kind != Kind::Dockerfile || *index > 0,
        Kind::Compose => kind == Kind::Dockerfile,
        Kind::Bake => false,
    };
    match paths.iter().enumerate().find(is_stray) {
        Some((index, stray)) => Err(ProjectError::Mixed {
            first: paths[usize::from(index == 0)].clone(),
            second: stray.clone(),
        }),
        None => Ok((kind, paths)),
    }
}

/// The files of the working directory, as buildx and compose look for them.
fn found() -> Vec<PathBuf> {
    let there = |names: &[&str]| -> Vec<PathBuf> {
        let paths = names.iter().map(PathBuf::from);
        paths.filter(|path| path.is_file()).collect()
    };
    let bake = there(&BAKE_FILES);
    let compose = COMPOSE_FILES.iter().find_map(|(name, overrides)| {
        let mut paths = there(&[name]);
        if !paths.is_empty() {
            paths.extend(there(overrides).into_iter().take(1));
        }
        (!paths.is_empty()).then_some(paths)
    });
    if !bake.is_empty() {
        let mut all = compose.unwrap_or_default();
        all.extend(bake);
        return all;
    }
    compose.unwrap_or_else(|| there(&["Dockerfile"]))
}

fn check_arguments(kind: Kind, path: &Path, files: &ProjectFiles) -> Result<(), ProjectError> {
    let wrong = |argument, goes_with| ProjectError::WrongKind {
        argument,
        goes_with,
        path: path.to_owned(),
        is: kind.name(),
    };
    if kind != Kind::Dockerfile
        && let Some(argument) = files.lone.given()
    {
        return Err(wrong(argument, "a Dockerfile"));
    }
    if kind != Kind::Bake && !files.set.is_empty() {
        return Err(wrong("--set", "bake files"));
    }
    Ok(())
}

fn compose_project(paths: &[PathBuf], files: &ProjectFiles) -> Result<Project, ProjectError> {
    let (variables, env_paths) = variables(&paths[0], &files.env_files)?;
    let mut project = compose::read(paths, &variables, &files.profiles)?;
    project.files.extend(env_paths);
    Ok(project)
}

fn bake_project(paths: &[PathBuf], files: &ProjectFiles) -> Result<Project, ProjectError> {
    let (variables, env_paths) = variables(&paths[0], &files.env_files)?;
    let mut project = bake::read(paths, &variables, &files.set)?;
    project.files.extend(env_paths);
    Ok(project)
}

/// Variables by name.
pub(super) type Variables = BTreeMap<String, String>;

/// The variables of a project: those of its env files, over which the environment wins.
fn variables(
    first_path: &Path,
    env_paths: &[PathBuf],
) -> Result<(Variables, Vec<InputFile>), EnvFileError> {
    let beside = first_path.with_file_name(".env");
    let paths = match env_paths {
        [] if beside.is_file() => vec![beside],
        given => given.to_vec(),
    };
    let mut variables = Variables::new();
    for path in &paths {
        let environment = |name: &str| std::env::var(name).ok();
        let read = read_env_file(path, &variables, &environment)?;
        variables.extend(read);
    }
    // A name or value that is not UTF-8 cannot stand in a compose file either.
    let environment = std::env::vars_os();
    variables.extend(
        environment.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }),
    );
    let read = paths
        .iter()
        .map(|path| ("env-file", path.display().to_string()));
    Ok((variables, read.collect()))
}

/// Reads the Dockerfile of each target, every readable file once: targets often share one.
fn read_dockerfiles(project: &mut Project) {
    let mut read = HashMap::new();
    for target in &mut project.targets {
        let path = &target.dockerfile_path;
        if target.dockerfile_inline.is_none() {
            project
                .files
                .push(("dockerfile", path.display().to_string()));
            match dockerfile(path, &mut read) {
                Ok(dockerfile) => target.dockerfile = dockerfile,
                Err(error) => {
                    project.unreadable.push((target.name.clone(), error));
                    continue;
                }
            }
        }
        if let Err(error) = check_stage(path, &target.dockerfile, target.stage.as_deref()) {
            project.unreadable.push((target.name.clone(), error));
        }
    }
}

fn dockerfile(
    path: &Path,
    read: &mut HashMap<PathBuf, Dockerfile>,
) -> Result<Dockerfile, ReadError> {
    if let Some(dockerfile) = read.get(path) {
        return Ok(dockerfile.clone());
    }
    let dockerfile = read_dockerfile(path)?;
    read.insert(path.to_owned(), dockerfile.clone());
    Ok(dockerfile)
}

/// The targets that are asked for, groups resolved; the default ones when none is.
///
/// # Errors
///
/// One is not there; the error names the nearest that is.
pub(crate) fn asked_targets(
    project: &Project,
    names: &[String],
) -> Result<Vec<String>, ProjectError> {
    let mut open: Vec<&String> = match names {
        [] => project.default_targets.iter().rev().collect(),
        names => names.iter().rev().collect(),
    };
    let mut groups_done = Vec::new();
    let mut asked = Vec::new();
    while let Some(name) = open.pop() {
        // A group wins over a target of the same name, but may hold that target.
        let group = project.groups.get(name);
        if let Some(members) = group.filter(|_| !groups_done.contains(&name)) {
            groups_done.push(name);
            open.extend(members.iter().rev());
        } else if project.targets.iter().any(|target| target.name == *name) {
            asked.push(name.clone());
        } else if group.is_none() {
            return Err(ProjectError::NoTarget {
                name: name.clone(),
                names: project
                    .targets
                    .iter()
                    .map(|target| target.name.clone())
                    .chain(project.groups.keys().cloned())
                    .collect(),
            });
        }
    }
    asked.sort();
    asked.dedup();
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs_err::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn project(folder: &tempfile::TempDir, file: &str) -> ProjectFiles {
        ProjectFiles {
            files: vec![folder.path().join(file)],
            ..ProjectFiles::default()
        }
    }

    #[test]
    fn a_dockerfile_is_one_target_named_after_its_stage_or_folder() {
        let folder = folder(&[("app.Dockerfile", "FROM scratch AS runtime\n")]);
        let mut files = project(&folder, "app.Dockerfile");
        let name = folder.path().file_name().unwrap().to_str().unwrap();
        assert_eq!(read_project(&files).unwrap().targets[0].name, name);
        files.lone.stage = Some("runtime".to_owned());
        files.overrides.build_args = vec!["A=b=c".to_owned(), "NOT_IN_THE_ENVIRONMENT".to_owned()];
        let target = read_project(&files).unwrap().targets.remove(0);
        assert_eq!(target.name, "runtime");
        assert_eq!(target.context_dir, folder.path());
        assert_eq!(
            target.build_args,
            BTreeMap::from([("A".to_owned(), "b=c".to_owned())])
        );
    }

    #[test]
    fn the_env_file_beside_a_compose_file_gives_its_variables() {
        let folder = folder(&[
            (
                "compose.yml",
                "services:\n  app:\n    image: app:${LUCID_TEST_VERSION}\n    build:\n      context: .\n      args: [LUCID_TEST_VERSION]\n",
            ),
            ("Dockerfile", "FROM scratch\n"),
            (".env", "LUCID_TEST_VERSION=7\n"),
        ]);
        let project = read_project(&project(&folder, "compose.yml")).unwrap();
        let target = &project.targets[0];
        assert_eq!(target.tags, ["app:7"]);
        assert_eq!(target.build_args["LUCID_TEST_VERSION"], "7");
        let kinds: Vec<_> = project.files.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, ["compose-file", "env-file", "dockerfile"]);
    }

    #[test]
    fn what_makes_no_sense_with_a_compose_file_is_refused() {
        let folder = folder(&[("compose.yml", "services: {}\n")]);
        let mut files = project(&folder, "compose.yml");
        let error = read_project(&files).unwrap_err().to_string();
        assert!(
            error.ends_with("no service has a `build` section"),
            "{error}"
        );
        files.lone.tags = vec!["x".to_owned()];
        let error = read_project(&files).unwrap_err().to_string();
        assert!(
            error.starts_with("`--tag` goes with a Dockerfile"),
            "{error}"
        );
    }
}
