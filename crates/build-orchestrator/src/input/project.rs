//! Reads what is to be built: a compose file with its variables, or a Dockerfile alone.

use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};
use std::path::{Path, PathBuf};

use super::compose::{ComposeError, Service, read_compose};
use super::dockerfile::{ReadError, check_stage, read_dockerfile};
use super::env_file::{EnvFileError, read_env_file};
use super::nearest::hint;
use crate::model::plan::Target;
use common::dockerfile::Dockerfile;

/// The files that are looked for when none is named, in this order.
///
/// Source: <https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file>
const DEFAULT_FILES: [&str; 5] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "Dockerfile",
];

/// Which files to read, and what to change of what they say.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProjectFiles {
    /// The compose file or Dockerfile. `None` looks for one.
    pub(crate) file: Option<PathBuf>,
    /// The file with the compose file's variables. `None` is `.env` beside it, if there.
    pub(crate) env_file: Option<PathBuf>,
    /// Build arguments of all targets, as given: `NAME=VALUE` or `NAME`.
    pub(crate) build_args: Vec<String>,
    /// The platform of all targets.
    pub(crate) platform: Option<String>,
    /// The context of a Dockerfile alone. `None` is its folder.
    pub(crate) context_dir: Option<PathBuf>,
    /// The stage of a Dockerfile alone. `None` is the last one.
    pub(crate) stage: Option<String>,
    /// The names of the image of a Dockerfile alone.
    pub(crate) tags: Vec<String>,
}

/// What is to be built, before it is known what depends on what.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The targets, by name.
    pub(crate) targets: Vec<Target>,
    /// The files that were read, as the report's inputs name them: kind and path.
    pub(crate) files: Vec<(&'static str, String)>,
    /// What the user should know, though it ends nothing.
    pub(crate) warnings: Vec<String>,
}

/// Why it cannot be said what is to be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProjectError {
    /// No file is named, and none is there.
    #[error("there is neither a compose file nor a Dockerfile in the working directory")]
    NoFile,
    /// An argument that only a Dockerfile alone has was given with a compose file.
    #[error(
        "`{argument}` goes with a Dockerfile, but `{path}` is a compose file, which has its own"
    )]
    DockerfileOnly {
        /// The argument.
        argument: &'static str,
        /// The compose file.
        path: PathBuf,
    },
    /// A compose file builds nothing.
    #[error("`{path}` has no service with a `build` section")]
    NoTargets {
        /// The compose file.
        path: PathBuf,
    },
    /// A target is asked for that is not there.
    #[error("there is no target `{name}`{}", hint(.name, .names))]
    NoTarget {
        /// The target.
        name: String,
        /// The targets that there are.
        names: Vec<String>,
    },
    /// The variables cannot be read.
    #[error(transparent)]
    EnvFile(#[from] EnvFileError),
    /// The compose file cannot be read.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// A Dockerfile cannot be read.
    #[error(transparent)]
    Dockerfile(#[from] ReadError),
}

/// Reads a project with all its targets.
///
/// # Errors
///
/// A file is missing, cannot be read, or is malformed; the error names file and line.
pub(crate) fn read_project(files: &ProjectFiles) -> Result<Project, ProjectError> {
    let found = || {
        DEFAULT_FILES
            .into_iter()
            .map(PathBuf::from)
            .find(|path| path.is_file())
    };
    let path = files
        .file
        .clone()
        .or_else(found)
        .ok_or(ProjectError::NoFile)?;
    let is_compose = path
        .extension()
        .is_some_and(|ending| ending == "yml" || ending == "yaml");
    let mut project = if is_compose {
        compose_project(&path, files)?
    } else {
        dockerfile_project(&path, files)?
    };
    for target in &mut project.targets {
        target.platform = files.platform.clone().or(target.platform.take());
        target.build_args.extend(given_args(&files.build_args));
    }
    Ok(project)
}

/// Checks that the targets asked for are there.
///
/// # Errors
///
/// One is not; the error names the nearest that is.
pub(crate) fn check_targets(project: &Project, names: &[String]) -> Result<(), ProjectError> {
    let is_unknown = |name: &&String| project.targets.iter().all(|target| target.name != **name);
    match names.iter().find(is_unknown) {
        None => Ok(()),
        Some(name) => Err(ProjectError::NoTarget {
            name: name.clone(),
            names: project
                .targets
                .iter()
                .map(|target| target.name.clone())
                .collect(),
        }),
    }
}

fn compose_project(path: &Path, files: &ProjectFiles) -> Result<Project, ProjectError> {
    let dockerfile_only = [
        ("--context", files.context_dir.is_some()),
        ("--target", files.stage.is_some()),
        ("--tag", !files.tags.is_empty()),
    ];
    if let Some((argument, _)) = dockerfile_only.into_iter().find(|(_, is_given)| *is_given) {
        return Err(ProjectError::DockerfileOnly {
            argument,
            path: path.to_owned(),
        });
    }
    let (variables, env_path) = variables(path, files.env_file.as_deref())?;
    let compose = read_compose(path, &variables)?;
    if compose.services.is_empty() {
        return Err(ProjectError::NoTargets {
            path: path.to_owned(),
        });
    }
    let mut dockerfiles = HashMap::new();
    let mut targets = Vec::new();
    for service in compose.services {
        targets.push(service_target(service, &variables, &mut dockerfiles)?);
    }
    let mut read = vec![("compose-file", path.display().to_string())];
    read.extend(env_path.map(|path| ("env-file", path.display().to_string())));
    read.extend(targets.iter().map(dockerfile_input));
    Ok(Project {
        targets,
        files: read,
        warnings: compose.warnings,
    })
}

/// The variables of a compose file: those of its env file, over which the environment wins.
fn variables(
    compose_path: &Path,
    env_path: Option<&Path>,
) -> Result<(BTreeMap<String, String>, Option<PathBuf>), EnvFileError> {
    let beside = compose_path.with_file_name(".env");
    let path = env_path
        .map(Path::to_owned)
        .or_else(|| beside.is_file().then_some(beside));
    let mut variables = match &path {
        Some(path) => read_env_file(path)?,
        None => BTreeMap::new(),
    };
    // A name or value that is not UTF-8 cannot stand in a compose file either.
    let environment = std::env::vars_os();
    variables.extend(
        environment.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }),
    );
    Ok((variables, path))
}

fn service_target(
    service: Service,
    variables: &BTreeMap<String, String>,
    dockerfiles: &mut HashMap<PathBuf, Dockerfile>,
) -> Result<Target, ReadError> {
    let path = &service.dockerfile_path;
    // Services often share a Dockerfile; the stage of each is checked all the same.
    let dockerfile = match dockerfiles.entry(path.clone()) {
        Entry::Occupied(read) => read.into_mut(),
        Entry::Vacant(unread) => unread.insert(read_dockerfile(path)?),
    };
    check_stage(path, dockerfile, service.stage.as_deref())?;
    let dockerfile = dockerfile.clone();
    let value = |(name, value): (String, Option<String>)| {
        let value = value.or_else(|| variables.get(&name).cloned())?;
        Some((name, value))
    };
    Ok(Target {
        name: service.name,
        context_dir: service.context_dir,
        dockerfile_path: service.dockerfile_path,
        stage: service.stage,
        platform: service.platform,
        tags: service.tags,
        build_args: service.build_args.into_iter().filter_map(value).collect(),
        labels: service.labels,
        depends_on: Vec::new(),
        dockerfile,
    })
}

fn dockerfile_project(path: &Path, files: &ProjectFiles) -> Result<Project, ProjectError> {
    let beside = match path.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    let context_dir = files
        .context_dir
        .clone()
        .unwrap_or_else(|| beside.to_owned());
    let dockerfile = read_dockerfile(path)?;
    check_stage(path, &dockerfile, files.stage.as_deref())?;
    let target = Target {
        name: files
            .stage
            .clone()
            .unwrap_or_else(|| folder_name(&context_dir)),
        dockerfile,
        context_dir,
        dockerfile_path: path.to_owned(),
        stage: files.stage.clone(),
        platform: None,
        tags: files.tags.clone(),
        build_args: BTreeMap::new(),
        labels: BTreeMap::new(),
        depends_on: Vec::new(),
    };
    let read = vec![dockerfile_input(&target)];
    Ok(Project {
        targets: vec![target],
        files: read,
        warnings: Vec::new(),
    })
}

/// What a target without a stage is called after. A folder that does not exist is reported when it
/// is read; until then any name does.
fn folder_name(dir: &Path) -> String {
    let full = fs_err::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    full.file_name().map_or("image".to_owned(), |name| {
        name.to_string_lossy().into_owned()
    })
}

fn dockerfile_input(target: &Target) -> (&'static str, String) {
    ("dockerfile", target.dockerfile_path.display().to_string())
}

/// The build arguments of the command line; one without a value is taken from the environment, and
/// left out when it is not there either.
fn given_args(args: &[String]) -> impl Iterator<Item = (String, String)> {
    args.iter().filter_map(|arg| match arg.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => Some((arg.clone(), std::env::var(arg).ok()?)),
    })
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
            file: Some(folder.path().join(file)),
            ..ProjectFiles::default()
        }
    }

    #[test]
    fn a_dockerfile_is_one_target_named_after_its_stage_or_folder() {
        let folder = folder(&[("app.Dockerfile", "FROM scratch AS runtime\n")]);
        let mut files = project(&folder, "app.Dockerfile");
        let name = folder.path().file_name().unwrap().to_str().unwrap();
        assert_eq!(read_project(&files).unwrap().targets[0].name, name);
        files.stage = Some("runtime".to_owned());
        files.build_args = vec!["A=b=c".to_owned(), "NOT_IN_THE_ENVIRONMENT".to_owned()];
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
            error.ends_with("has no service with a `build` section"),
            "{error}"
        );
        files.tags = vec!["x".to_owned()];
        let error = read_project(&files).unwrap_err().to_string();
        assert!(
            error.starts_with("`--tag` goes with a Dockerfile"),
            "{error}"
        );
    }
}
