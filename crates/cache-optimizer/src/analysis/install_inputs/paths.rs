//! Paths in a context, and what is gathered of them for an install.

use common::build_context::expression;
use regex::Regex;
use std::collections::BTreeSet;

use super::{Inputs, Project};
use crate::analysis::shell::Command;
use crate::model::files::Files;

/// The path of `path` as seen from the folder `dir`, both within the context. Empty is the context
/// itself, and `None` lies outside.
pub(super) fn join(dir: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a path; empty is the context itself.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders that hold a file `name`, among those that patterns mean as seen from `dir`. A pattern
/// that begins with `!` takes folders out again.
///
/// # Errors
///
/// The pattern that has signs whose meaning is not known here.
pub(super) fn members(
    files: &Files,
    dir: &str,
    patterns: &[String],
    name: &str,
) -> Result<BTreeSet<String>, String> {
    let mut members = BTreeSet::new();
    for pattern in patterns {
        let negated = pattern.strip_prefix('!');
        let meant = negated.unwrap_or(pattern);
        let unknown = || format!("the pattern `{pattern}` of a workspace is not understood");
        let path = join(dir, meant.trim_end_matches('/')).ok_or_else(unknown)?;
        if path.contains(['{', '}', '(', ')', '[', '\\']) {
            return Err(unknown());
        }
        let expression = expression(&path).and_then(|expression| Regex::new(&expression).ok());
        let expression = expression.ok_or_else(unknown)?;
        let manifests = files.sizes_bytes.keys().filter(|path| is_named(path, name));
        let matching = manifests
            .map(|path| parent(path))
            .filter(|folder| expression.is_match(folder) && !folder.contains("node_modules"));
        for folder in matching {
            if negated.is_some() {
                members.remove(folder);
            } else {
                members.insert(folder.to_owned());
            }
        }
    }
    Ok(members)
}

fn is_named(path: &str, name: &str) -> bool {
    path.strip_suffix(name)
        .is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
}

/// What is known so far of what an install reads.
#[derive(Debug)]
pub(super) struct Gathered<'a> {
    files: &'a Files,
    paths: BTreeSet<String>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(project: Project<'a>) -> Self {
        Self {
            files: project.files,
            paths: BTreeSet::new(),
        }
    }

    /// Adds those of some names that there are in a folder, files and folders.
    pub(super) fn add_present(&mut self, dir: &str, names: &[&str]) {
        for name in names {
            if let Some(path) = join(dir, name) {
                self.add(path);
            }
        }
    }

    /// Adds a file or folder of the context. Whether there is one.
    pub(super) fn add(&mut self, path: String) -> bool {
        let is_there = self.files.has_file(&path) || self.files.folders.contains(&path);
        if is_there {
            self.paths.insert(path);
        }
        is_there
    }

    /// Whether a path was added.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// All that was added, without what is in a folder that was added too.
    pub(super) fn inputs(self, command: Option<String>) -> Inputs {
        let is_within = |path: &&String| {
            let mut ends = path.match_indices('/');
            ends.any(|(end, _)| self.paths.contains(&path[..end]))
        };
        let paths = self.paths.iter().filter(|path| !is_within(path));
        Inputs {
            paths: paths.cloned().collect(),
            command,
        }
    }
}

/// The value of an option, joined by `=` or as the next argument.
pub(super) fn option_value<'a>(command: &'a Command, names: &[&str]) -> Option<&'a str> {
    let mut arguments = command.arguments.iter();
    while let Some(argument) = arguments.next() {
        if names.contains(&argument.as_str()) {
            return arguments.next().map(String::as_str);
        }
        if let Some((name, value)) = argument.split_once('=')
            && names.contains(&name)
        {
            return Some(value);
        }
    }
    None
}

/// Whether a command has a flag.
pub(super) fn has_flag(command: &Command, name: &str) -> bool {
    command.arguments.iter().any(|argument| argument == name)
}

/// The folder that a command works in: `dir`, or what an option of these names says, as seen from it.
///
/// # Errors
///
/// It is outside the context, or a variable.
pub(super) fn working_dir(project: Project<'_>, names: &[&str]) -> Result<String, String> {
    let Some(path) = option_value(project.command, names) else {
        return Ok(project.dir.to_owned());
    };
    let dir = join(project.dir, path).filter(|_| !path.contains(['$', '~']));
    dir.ok_or_else(|| format!("`{path}` is no folder of the context"))
}

/// The command with more flags at its end.
pub(super) fn with_flags(command: &Command, flags: &[&str]) -> String {
    let mut words = vec![command.program.as_str()];
    words.extend(command.arguments.iter().map(String::as_str));
    words.extend(flags);
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_within_the_context() {
        assert_eq!(join("a/b", "../c/./d/").as_deref(), Some("a/c/d"));
        assert_eq!(join("", ".").as_deref(), Some(""));
        assert_eq!(join("a", "../.."), None);
        assert_eq!(join("a", "/etc"), None);
    }

    #[test]
    fn members_are_what_patterns_mean_and_not_what_they_take_out() {
        let mut files = Files::default();
        for path in [
            "m",
            "packages/a/m",
            "packages/b/m",
            "packages/b/deep/m",
            "packages/c/xm",
            "tools/x/y/m",
        ] {
            files.sizes_bytes.insert(path.to_owned(), 0);
        }
        let members = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(|&p| p.to_owned()).collect();
            members(&files, "", &patterns, "m").map(|found| found.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(
            members(&["./packages/*/", "!packages/b"]).unwrap(),
            ["packages/a"]
        );
        assert_eq!(members(&["tools/**"]).unwrap(), ["tools/x/y"]);
        assert!(members(&["{a,b}"]).is_err());
    }
}
