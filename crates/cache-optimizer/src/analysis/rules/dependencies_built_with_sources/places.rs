//! Where files of the context are in the stage that builds, and where in the context the build runs.

use common::dockerfile::{Copy, Detail};

use super::Build;
use crate::analysis::rules::Subject;
use crate::analysis::run_commands::run_commands;
use crate::analysis::stage_state::State;

/// Where a build runs.
pub(super) struct Place {
    /// The folder of the context that is its working directory.
    pub(super) dir: String,
    /// The folder to change to first in a step before the sources. `None` when that is the working
    /// directory there.
    pub(super) change: Option<String>,
}

/// Stands for the working directory of the base image.
const UNKNOWN: &str = "/\0";

/// Where the build runs, by the instruction that copies sources first.
pub(super) fn place(subject: &Subject<'_>, build: &Build<'_>) -> Result<Place, String> {
    let (stage, index) = build.copied;
    let (before, after) = (
        &subject.states[stage][index],
        &subject.states[stage][build.run_index],
    );
    let instructions = &subject.recipe.dockerfile.stages[stage].instructions;
    let has_workdir = instructions[index..build.run_index]
        .iter()
        .any(|i| i.keyword == "WORKDIR");
    if after.workdir.is_none() && has_workdir {
        return Err("the working directory is not known".to_owned());
    }
    let escape = subject.recipe.dockerfile.escape;
    let start = workdir(after);
    let (cwd, changed) = match change_of_folder(build)? {
        None => (start.clone(), None),
        Some(folder) => {
            let cwd = absolute(after, &folder, escape).ok_or("the build's folder is not known")?;
            (cwd, Some(folder))
        }
    };
    let mut dirs = (0..build.run_index)
        .rev()
        .filter_map(|at| folder_at(subject, stage, at, &cwd));
    let dir = dirs
        .next()
        .ok_or("the build runs outside of what is copied")?;
    let change = match changed {
        _ if cwd == workdir(before) => None,
        Some(folder) if start == workdir(before) => Some(folder),
        _ if cwd.contains('\0') => return Err("the working directory is not known".to_owned()),
        _ => Some(cwd),
    };
    Ok(Place { dir, change })
}

fn workdir(state: &State) -> String {
    state.workdir.clone().unwrap_or_else(|| UNKNOWN.to_owned())
}

/// A path as an absolute one, where what is relative to a working directory that is not known stays so.
fn absolute(state: &State, path: &str, escape: char) -> Option<String> {
    let known = State {
        workdir: Some(workdir(state)),
        ..state.clone()
    };
    known.absolute(path, escape)
}

/// The folder that a step changes to before it builds.
fn change_of_folder(build: &Build<'_>) -> Result<Option<String>, String> {
    let commands = run_commands(build.run);
    let before: Vec<_> = commands
        .iter()
        .take_while(|command| *command != build.command)
        .collect();
    let changes: Vec<_> = before
        .iter()
        .filter(|command| command.program == "cd")
        .collect();
    match changes.as_slice() {
        [] => Ok(None),
        [change] => match change.arguments.as_slice() {
            [folder] if !folder.contains(['$', '~', ' ', '-']) => Ok(Some(folder.clone())),
            _ => Err("the build's folder is not known".to_owned()),
        },
        _ => Err("the step changes its folder more than once".to_owned()),
    }
}

fn copy_at<'a>(subject: &Subject<'a>, stage: usize, at: usize) -> Option<&'a Copy> {
    let instruction = &subject.recipe.dockerfile.stages[stage].instructions[at];
    match &instruction.detail {
        Detail::Copy(copy) | Detail::Add(copy) => Some(copy).filter(|copy| copy.from.is_none()),
        _ => None,
    }
}

/// The folder of the context that an instruction copies to `path`.
fn folder_at(subject: &Subject<'_>, stage: usize, at: usize, path: &str) -> Option<String> {
    let copy = copy_at(subject, stage, at)?;
    let to = absolute(
        &subject.states[stage][at],
        &copy.destination,
        subject.recipe.dockerfile.escape,
    )?;
    let rest = match path.strip_prefix(to.trim_end_matches('/'))? {
        "" => "",
        rest => rest.strip_prefix('/')?,
    };
    let source = copy.sources.first()?;
    match folder(subject, source) {
        Some(folder) => (copy.sources.len() == 1).then(|| join(&folder, rest)),
        // A file in the working directory was in the folder that is one in the context.
        None if rest.is_empty() => {
            let source = source.trim_start_matches("./").trim_start_matches('/');
            Some(
                source
                    .rsplit_once('/')
                    .map_or("", |(folder, _)| folder)
                    .to_owned(),
            )
        }
        None => None,
    }
}

/// A source of a `COPY` that is a folder, as its path in the context.
fn folder(subject: &Subject<'_>, source: &str) -> Option<String> {
    let path = source.trim_start_matches("./").trim_matches('/');
    let path = if path == "." { "" } else { path };
    (path.is_empty() || subject.recipe.context.files.folders.contains(path))
        .then(|| path.to_owned())
}

fn join(folder: &str, rest: &str) -> String {
    match (folder, rest) {
        ("", path) | (path, "") => path.to_owned(),
        _ => format!("{folder}/{rest}"),
    }
}

/// Where a file of the context is copied to, as a `COPY` before the sources would write it. `None`
/// when one there does so already.
pub(super) fn destination(
    subject: &Subject<'_>,
    build: &Build<'_>,
    path: &str,
) -> Result<Option<String>, String> {
    let (stage, first) = build.copied;
    for at in 0..build.run_index {
        let Some(copy) = copy_at(subject, stage, at) else {
            continue;
        };
        let Some(to) = copied_to(subject, copy, path) else {
            continue;
        };
        if at < first {
            return Ok(None);
        }
        let (now, then) = (&subject.states[stage][first], &subject.states[stage][at]);
        if now.workdir != then.workdir && !to.starts_with('/') {
            return Err(format!(
                "where `{path}` is copied to is not known before the sources"
            ));
        }
        return Ok(Some(to));
    }
    Err(format!("`{path}` is not copied before the build"))
}

/// Where a `COPY` puts a file or folder, as it would write it.
fn copied_to(subject: &Subject<'_>, copy: &Copy, path: &str) -> Option<String> {
    let destination = copy.destination.as_str();
    let start = match destination {
        "." | "./" => "./".to_owned(),
        other => format!("{}/", other.trim_end_matches('/')),
    };
    for source in &copy.sources {
        if let Some(folder) = folder(subject, source) {
            let rest = if folder.is_empty() {
                Some(path)
            } else if folder == path {
                Some("")
            } else {
                path.strip_prefix(&format!("{folder}/"))
            };
            if let Some(rest) = rest {
                return Some(format!("{start}{rest}"));
            }
            continue;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        if source.trim_start_matches("./").trim_start_matches('/') == path {
            let is_folder =
                copy.sources.len() > 1 || destination.ends_with('/') || destination.ends_with('.');
            return if is_folder {
                Some(format!("{start}{name}"))
            } else {
                Some(destination.to_owned())
            };
        }
        // A pattern of names in one folder puts them all into the destination.
        let (folder, pattern) = source.rsplit_once('/').unwrap_or(("", source));
        let folder = folder
            .trim_start_matches("./")
            .trim_matches('/')
            .trim_matches('.');
        let (own, name) = path.rsplit_once('/').unwrap_or(("", path));
        if pattern.contains('*') && folder == own && matches(pattern, name) {
            return Some(format!("{start}{name}"));
        }
    }
    None
}

/// Whether a name matches a pattern with one `*`.
fn matches(pattern: &str, name: &str) -> bool {
    pattern.split_once('*').is_some_and(|(start, end)| {
        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
    })
}
