//! The part of a build context that a builder asks for.
//!
//! A builder names the paths that its `COPY` instructions take. Offering more than those is never
//! wrong, only slower, so wherever that makes this simpler, more is offered.

use common::build_context::expression;
use regex::Regex;
use std::collections::HashSet;

use super::context::{ContextEntry, EntryKind};

/// How many paths are followed, those that symbolic links lead to included, before everything is
/// selected: a link to a path below itself has no end.
///
/// Chosen: far above what a Dockerfile copies.
const FOLLOWED_MAX: usize = 1000;

/// Says for each entry whether it is at or below one of `paths`, leads there, or is what a
/// symbolic link on the way points to. No paths select everything.
///
/// Source: `FollowLinks` of github.com/tonistiigi/fsutil.
pub(crate) fn select(entries: &[ContextEntry], paths: &[String]) -> Vec<bool> {
    if paths.is_empty() {
        return vec![true; entries.len()];
    }
    let mut selected = vec![false; entries.len()];
    let mut followed = HashSet::new();
    let mut open: Vec<Vec<String>> = paths.iter().map(|path| resolve(&[], path)).collect();
    while let Some(parts) = open.pop() {
        if !followed.insert(parts.clone()) {
            continue;
        }
        if followed.len() > FOLLOWED_MAX {
            return vec![true; entries.len()];
        }
        let matchers: Vec<_> = parts.iter().map(|part| Matcher::new(part)).collect();
        for (entry, selected) in entries.iter().zip(&mut selected) {
            let names: Vec<_> = entry.path.split('/').collect();
            if !names.iter().zip(&matchers).all(|(name, m)| m.matches(name)) {
                continue;
            }
            if names.len() >= matchers.len() {
                *selected = true;
            }
            if let EntryKind::Symlink { target } = &entry.kind
                && names.len() <= matchers.len()
            {
                *selected = true;
                let mut parts_of_target = resolve(&names[..names.len() - 1], target);
                parts_of_target.extend_from_slice(&parts[names.len()..]);
                open.push(parts_of_target);
            }
        }
    }
    select_folders(entries, &mut selected);
    selected
}

/// Whether a path is at or below one of `sources`, links left out of account: the folders that only
/// lead there are not.
pub(crate) fn is_taken(path: &str, sources: &[String]) -> bool {
    let names: Vec<_> = path.split('/').collect();
    sources.iter().any(|source| {
        let parts = resolve(&[], source);
        let mut matchers = parts.iter().map(|part| Matcher::new(part));
        names.len() >= parts.len() && names.iter().zip(&mut matchers).all(|(n, m)| m.matches(n))
    })
}

/// Selects the folders that lead to what is selected.
fn select_folders(entries: &[ContextEntry], selected: &mut [bool]) {
    let mut folders = HashSet::new();
    for (entry, selected) in entries.iter().zip(selected).rev() {
        *selected |= folders.contains(entry.path.as_str());
        if *selected && let Some((folder, _)) = entry.path.rsplit_once('/') {
            folders.insert(folder);
        }
    }
}

/// The parts of a path that is relative to a folder. Nothing leads out of the context.
fn resolve(folder: &[&str], path: &str) -> Vec<String> {
    let mut parts: Vec<&str> = Vec::new();
    if !path.starts_with('/') {
        parts.extend(folder);
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.into_iter().map(str::to_owned).collect()
}

enum Matcher<'a> {
    Name(&'a str),
    Pattern(Regex),
}

impl<'a> Matcher<'a> {
    fn new(part: &'a str) -> Self {
        let pattern = Some(part)
            .filter(|part| part.contains(['*', '?', '[', '\\']))
            .and_then(expression)
            .and_then(|expression| Regex::new(&expression).ok());
        pattern.map_or(Self::Name(part), Self::Pattern)
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Name(part) => *part == name,
            Self::Pattern(pattern) => pattern.is_match(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Selects from paths, where `a>b` is a link to `b` and `a/` a folder.
    fn selected<'a>(entries: &[&'a str], paths: &[&str]) -> Vec<&'a str> {
        let scanned: Vec<_> = entries.iter().map(|text| entry(text)).collect();
        let paths: Vec<_> = paths.iter().map(|&path| path.to_owned()).collect();
        let selected = select(&scanned, &paths);
        let both = entries.iter().zip(selected);
        both.filter(|(_, selected)| *selected)
            .map(|(&text, _)| text)
            .collect()
    }

    fn entry(text: &str) -> ContextEntry {
        let (path, kind) = match text.split_once('>') {
            Some((path, target)) => (
                path,
                EntryKind::Symlink {
                    target: target.to_owned(),
                },
            ),
            None if text.ends_with('/') => (text.trim_end_matches('/'), EntryKind::Directory),
            None => (text, EntryKind::File),
        };
        ContextEntry {
            path: path.to_owned(),
            kind,
            mode: 0o644,
            size_bytes: 0,
            modified_ns: 0,
            inode: None,
            digest: None,
        }
    }

    #[test]
    fn no_path_and_the_root_select_everything() {
        assert_eq!(selected(&["a/", "a/b"], &[]), ["a/", "a/b"]);
        assert_eq!(selected(&["a/", "a/b"], &["/"]), ["a/", "a/b"]);
    }

    #[test]
    fn a_path_selects_what_is_below_it_and_what_leads_there() {
        let entries = ["a/", "a/b/", "a/b/c", "a/d", "e"];
        assert_eq!(selected(&entries, &["/a/b"]), ["a/", "a/b/", "a/b/c"]);
        assert_eq!(selected(&entries, &["missing"]), [""; 0]);
    }

    #[test]
    fn a_wildcard_stays_within_its_folder() {
        let entries = ["a.go", "b/", "b/c.go", "d.rs"];
        assert_eq!(selected(&entries, &["*.go"]), ["a.go"]);
    }

    #[test]
    fn a_link_brings_what_it_points_to() {
        let entries = ["a/", "a/link>../b", "b/", "b/c", "d", "loop>loop"];
        let expected = ["a/", "a/link>../b", "b/", "b/c"];
        assert_eq!(selected(&entries, &["a/link/c"]), expected);
        assert_eq!(selected(&entries, &["loop"]), ["loop>loop"]);
        assert_eq!(selected(&["a>a/b", "c"], &["a/d"]), ["a>a/b", "c"]);
    }
}
