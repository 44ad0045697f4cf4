//! Bake files, in HCL and JSON, as `docker buildx bake` resolves them.
//!
//! Files become trees (`hcl`, `json`), trees become definitions, and `targets` evaluates those into
//! targets. Compose files among the paths come before all bake files, with all their profiles, as in
//! buildx. Source: <https://docs.docker.com/build/bake/reference/>

mod compose_target;
mod definitions;
mod evaluate;
mod fields;
mod hcl;
mod json;
mod layer;
mod names;
mod operators;
mod set;
mod stdlib;
mod syntax;
mod targets;
#[cfg(test)]
mod tests;
mod types;
mod value;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::compose::{self, ComposeError};
use super::project::{Project, Variables};
use crate::model::plan::Target;
use definitions::Definitions;
use evaluate::Evaluator;
use names::Names;
use set::SetError;
use syntax::{Body, Fault};

/// Why bake files cannot be built from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BakeError {
    /// One cannot be read; the error names it.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// Something in them is wrong.
    #[error("{path}:{line}: {message}")]
    Fault {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A compose file among them is wrong.
    #[error(transparent)]
    Compose(#[from] Box<ComposeError>),
    /// An override of the command line is wrong.
    #[error(transparent)]
    Set(#[from] SetError),
}

/// Reads bake files, merged in order, with the overrides of `--set`. Compose files among them give
/// targets too.
pub(super) fn read(
    paths: &[PathBuf],
    variables: &Variables,
    set: &[String],
) -> Result<Project, BakeError> {
    let (composes, bakes): (Vec<_>, Vec<_>) =
        paths.iter().cloned().partition(|path| is_compose(path));
    let mut compose = Project::default();
    if !composes.is_empty() {
        compose = compose::read(&composes, variables, &["*".to_owned()]).map_err(Box::new)?;
    }
    let at = |fault: Fault| BakeError::Fault {
        path: bakes[fault.place.file].clone(),
        line: fault.place.line,
        message: fault.message,
    };
    let mut definitions = Definitions::default();
    for (file, path) in bakes.iter().enumerate() {
        let text = fs_err::read_to_string(path)?;
        let body = parse(path, &text, file);
        body.and_then(|body| definitions.add(body)).map_err(at)?;
    }
    let evaluator = Evaluator::new(Names::new(&definitions, variables));
    evaluator.validate().map_err(at)?;
    let named = |target: Target| (target.name.clone(), target);
    let from_compose: BTreeMap<String, Target> = compose.targets.into_iter().map(named).collect();
    let expanded = targets::expand(&definitions, &evaluator).map_err(at)?;
    let names = expanded.layers.keys().chain(from_compose.keys());
    let set = set::read(set, &names.cloned().collect::<Vec<_>>(), variables)?;
    let targets = targets::resolve(&expanded, &from_compose, &set, &bakes, at)?;
    let mut groups = compose.groups;
    groups.extend(expanded.groups);
    let files = bakes
        .iter()
        .map(|path| ("bake-file", path.display().to_string()));
    let warnings = definitions.warnings.iter();
    let warnings = warnings.map(|fault| at(fault.clone()).to_string());
    Ok(Project {
        default_targets: default_targets(&groups, &targets, compose.default_targets),
        targets,
        groups,
        files: compose.files.into_iter().chain(files).collect(),
        warnings: compose.warnings.into_iter().chain(warnings).collect(),
        ..Project::default()
    })
}

fn is_compose(path: &Path) -> bool {
    matches!(
        path.extension().and_then(|ending| ending.to_str()),
        Some("yml" | "yaml")
    )
}

fn parse(path: &Path, text: &str, file: usize) -> Result<Body, Fault> {
    if path.extension().is_some_and(|ending| ending == "json") {
        json::parse(text, file)
    } else {
        hcl::parse(text, file)
    }
}

/// Evaluates any text as a bake file.
#[cfg(fuzzing)]
pub(crate) fn fuzz(text: &str) {
    for body in [hcl::parse(text, 0), json::parse(text, 0)] {
        let mut definitions = Definitions::default();
        if body.and_then(|body| definitions.add(body)).is_ok() {
            let variables = Variables::new();
            let evaluator = Evaluator::new(Names::new(&definitions, &variables));
            let _ = evaluator.validate();
            let _ = targets::expand(&definitions, &evaluator);
        }
    }
}

/// The group or target `default`, else what the compose files would build, else all.
fn default_targets(
    groups: &BTreeMap<String, Vec<String>>,
    targets: &[Target],
    of_compose: Vec<String>,
) -> Vec<String> {
    let names = || targets.iter().map(|target| target.name.clone());
    if groups.contains_key("default") || names().any(|name| name == "default") {
        vec!["default".to_owned()]
    } else if of_compose.is_empty() {
        names().collect()
    } else {
        of_compose
    }
}
