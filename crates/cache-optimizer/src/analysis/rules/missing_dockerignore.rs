//! Finds leftovers of work, such as `.git` or `node_modules`, that are sent with the context because
//! no ignore file excludes them.
//!
//! Reported only where the Dockerfile takes them, since the builder asks for no more than what is
//! copied, and never for what it names. What changes by itself, such as `.git`, is reported at any
//! size: each change of it misses the cache.

mod editor_files;
#[cfg(test)]
mod tests;

use common::dockerfile::Dockerfile;
use common::units::{format_bytes, format_count, format_ratio, ratio};
use std::collections::BTreeMap;

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::context_sources::{Taken, is_in, may_be_named, other_dockerfiles, taken};
use crate::analysis::ignore_edit::{exclusion, ignore_lines};
use crate::analysis::leftover_needs::{Need, need};
use crate::model::context::{Context, Entry};

/// Chosen: a tenth of the context is what anyone would call dominating it, together with others.
const RATIO_MIN: f64 = 0.1;

/// Chosen: reading, hashing and sending less takes no time that is felt.
const SIZE_BYTES_MIN: u64 = 1_000_000;

/// What changes though no source does, as by a look at the history or a run of the tests.
const VOLATILE: [&str; 7] = [
    ".git",
    ".idea",
    ".mypy_cache",
    ".nyc_output",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
];

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let taken = taken(subject);
    let mut by_name: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &subject.recipe.context.leftovers {
        let is_taken = taken.iter().any(|it| it.takes(&entry.name));
        let is_named = taken.iter().any(|it| it.may_name(&entry.name));
        if is_taken && !is_named && !is_bare_miss(entry, &subject.recipe.context) {
            by_name
                .entry(base_name(&entry.name))
                .or_default()
                .push(entry);
        }
    }
    let mut found: Vec<_> = by_name
        .iter()
        .filter_map(|(name, entries)| check_leftover(subject, &taken, name, entries))
        .collect();
    found.extend(editor_files::check(subject, &taken));
    found
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether it is the pattern for it that misses it, which is another rule's finding.
fn is_bare_miss(entry: &Entry, context: &Context) -> bool {
    let name = base_name(&entry.name);
    let mut lines = ignore_lines(context).into_iter();
    name != entry.name && lines.any(|line| !line.is_exception && line.pattern == name)
}

fn check_leftover(
    subject: &Subject<'_>,
    taken: &[Taken<'_>],
    name: &str,
    entries: &[&Entry],
) -> Option<Found> {
    let context = &subject.recipe.context;
    let first = taken.iter().find(|it| it.takes(&entries[0].name))?;
    let size_bytes = recorded_bytes(subject, entries)
        .unwrap_or_else(|| entries.iter().map(|entry| entry.size_bytes).sum());
    let share = ratio(size_bytes, context.size_bytes)?;
    // A share above 1 means that the folder has changed since the build.
    let is_large = size_bytes >= SIZE_BYTES_MIN && (RATIO_MIN..=1.0).contains(&share);
    if !is_large && !VOLATILE.contains(&name) {
        return None;
    }
    let line = first.instruction.line;
    let shown = shown(entries);
    let message = if is_large {
        format!(
            "{shown} is {} of the build context ({}), and no ignore file excludes it",
            format_bytes(size_bytes),
            format_ratio(share)
        )
    } else {
        format!("{shown} is copied, and changes without the sources: line {line} then runs again")
    };
    let (confidence, remedy, advice) = mend(subject, name, entries);
    Some(Found {
        saved_bytes: Some(size_bytes),
        confidence,
        remedy,
        ..Found::new(line, message, advice)
    })
}

fn shown(entries: &[&Entry]) -> String {
    let first = &entries[0].name;
    match entries.len() {
        1 => format!("`{first}`"),
        count => {
            let more = format_count(count as u64 - 1, "folder");
            format!("`{first}` with {more} more of that name")
        }
    }
}

/// Bytes of the folders that steps of the build took, where it recorded them.
fn recorded_bytes(subject: &Subject<'_>, entries: &[&Entry]) -> Option<u64> {
    let steps = subject.targets.iter().flat_map(|target| &target.steps);
    let sets = steps.filter_map(|step| step.files.as_ref()?.files.as_ref());
    let of_entries = |path: &String| entries.iter().any(|entry| is_in(path, &entry.name));
    let sums = sets.map(|files| {
        let taken = files.iter().filter(|(path, _)| of_entries(path));
        taken.map(|(_, file)| file.size_bytes).sum::<u64>()
    });
    sums.max().filter(|sum| *sum > 0)
}

/// The pattern that excludes the folders.
fn pattern(name: &str, entries: &[&Entry]) -> String {
    if entries.iter().any(|entry| entry.name != name) {
        format!("**/{name}")
    } else {
        name.to_owned()
    }
}

fn mend(subject: &Subject<'_>, name: &str, entries: &[&Entry]) -> (Confidence, Remedy, String) {
    let context = &subject.recipe.context;
    let pattern = pattern(name, entries);
    let add = format!("add the line `{pattern}` to `{}`", context.ignore_path);
    let paths: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let confidence = match need(&paths, subject) {
        Need::Reads(why) => {
            let hand_in = "hand in what is asked for as a build argument, declared last";
            let advice = format!("{hand_in}, and {add}");
            return (Confidence::Likely, Remedy::Withheld(why), advice);
        }
        Need::Maybe(why) => return (Confidence::Likely, Remedy::Withheld(why), add),
        Need::Not(confidence) => confidence,
    };
    let others = other_dockerfiles(subject);
    let is_other = |other: &&(&str, &Dockerfile)| {
        entries
            .iter()
            .any(|entry| may_be_named(other.1, &entry.name))
    };
    if let Some((path, _)) = others.iter().find(is_other) {
        let why = format!("`{path}` may copy `{name}`, and use the same ignore file");
        return (confidence, Remedy::Withheld(why), add);
    }
    let meant = |path: &str| entries.iter().any(|entry| is_in(path, &entry.name));
    match exclusion(context, &pattern, meant) {
        Ok(edit) => (confidence, Remedy::Patch(vec![edit]), add),
        Err(why) => (confidence, Remedy::Withheld(why), add),
    }
}
