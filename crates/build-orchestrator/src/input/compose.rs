//! Compose files, as far as they say what to build.
//!
//! Files are read as trees, in which `include`, `extends` and several `--file` are merged before a
//! value is looked at. Only what a build needs is looked at: a fault in the parts that only
//! containers use does not keep an image from being built.
//! Source: <https://docs.docker.com/reference/compose-file/build/>

mod build;
mod extends;
mod files;
mod include;
mod merge;
mod secrets;
mod service;
mod settings;
mod shared;
mod values;

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::env_file::EnvFileError;
use super::project::{Project, Variables};
use super::yaml::Node;
use files::{Files, Scope};
use service::Service;
use shared::share;

/// Why a compose file cannot be built from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComposeError {
    /// It cannot be read; the error names it.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// Something in it is wrong.
    #[error("{path}:{line}: {message}")]
    Fault {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// An env file of an included project cannot be used.
    #[error(transparent)]
    EnvFile(#[from] EnvFileError),
    /// The environment gives a name that images cannot have.
    #[error("`COMPOSE_PROJECT_NAME` is `{0}`, but {PROJECT_NAME_RULE}")]
    ProjectName(String),
}

const PROJECT_NAME_RULE: &str = "a project's name is of lower-case letters, digits, `-` and `_`, and starts with a letter or digit";

/// Reads compose files, merged in order, with the variables put in. Services without an active
/// profile are targets too, but no default ones.
///
/// # Errors
///
/// A file cannot be read, is not YAML, or says something that cannot be built.
pub(super) fn read(
    paths: &[PathBuf],
    variables: &Variables,
    profiles: &[String],
) -> Result<Project, ComposeError> {
    let mut files = Files::default();
    let scope = Scope {
        dir: paths[0].parent().unwrap_or(Path::new("")).to_owned(),
        variables: Rc::new(variables.clone()),
    };
    let root = files.model(paths, &scope, &mut Vec::new())?;
    files.project_name = project_name(&mut files, &root, &paths[0], variables)?;
    let services = service::services(&mut files, &root).map_err(|fault| files.error(fault))?;
    Ok(project(services, profiles, files))
}

fn project(services: Vec<Service>, profiles: &[String], files: Files) -> Project {
    let is_active = |name: &String| name == "*" || profiles.iter().any(|p| p == name || p == "*");
    let is_default =
        |service: &&Service| service.profiles.is_empty() || service.profiles.iter().any(is_active);
    let defaults = services.iter().filter(is_default);
    let default_targets = defaults
        .map(|service| service.target.name.clone())
        .collect();
    let targets = services.into_iter().map(|service| service.target);
    let (targets, groups) = share(targets.collect());
    Project {
        targets,
        groups,
        default_targets,
        files: files.read,
        warnings: files.warnings,
        unreadable: files.unreadable,
    }
}

/// What images without a name are called after.
///
/// Source: <https://docs.docker.com/compose/how-tos/project-name/>
fn project_name(
    files: &mut Files,
    root: &Node,
    first_path: &Path,
    variables: &Variables,
) -> Result<String, ComposeError> {
    if let Some(name) = variables
        .get("COMPOSE_PROJECT_NAME")
        .filter(|name| !name.is_empty())
    {
        return if is_project_name(name) {
            Ok(name.clone())
        } else {
            Err(ComposeError::ProjectName(name.clone()))
        };
    }
    if let Some(node) = root.get("name") {
        let name = files
            .text(node, "name")
            .map_err(|fault| files.error(fault))?;
        if !is_project_name(&name) {
            let fault = node.fault(format!("the name is `{name}`, but {PROJECT_NAME_RULE}"));
            return Err(files.error(fault));
        }
        return Ok(name);
    }
    let full = fs_err::canonicalize(first_path).unwrap_or_else(|_| first_path.to_owned());
    let folder = full.parent().and_then(Path::file_name).unwrap_or_default();
    let folder = folder.to_string_lossy().to_lowercase();
    let name: String = folder.chars().filter(|&c| is_name_part(c)).collect();
    Ok(name.trim_start_matches(['-', '_']).to_owned())
}

fn is_name_part(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')
}

fn is_project_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(['-', '_']) && name.chars().all(is_name_part)
}

#[cfg(test)]
mod tests;
