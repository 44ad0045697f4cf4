//! Runs a rule on the text of a Dockerfile, for tests.

use std::collections::HashMap;

use super::{Found, Subject};
use crate::model::context::{Context, Entry, LEFTOVERS};
use crate::model::recipe::Recipe;

type Check = fn(&Subject<'_>) -> Vec<Found>;

/// What a rule finds when nothing is known of the context.
pub(super) fn found(check: Check, text: &str) -> Vec<Found> {
    with_durations(check, text, &[])
}

/// The lines in which a rule finds something.
pub(super) fn lines(check: Check, text: &str) -> Vec<u32> {
    found(check, text).iter().map(|found| found.line).collect()
}

/// What a rule finds when steps, by line, ran for milliseconds.
pub(super) fn with_durations(check: Check, text: &str, durations_ms: &[(u32, u64)]) -> Vec<Found> {
    run(check, text, Context::default(), durations_ms)
}

/// What a rule finds in a context with these folders that are copied, and these entries in all.
pub(super) fn in_context(
    check: Check,
    text: &str,
    folders: &[&str],
    entries: &[(&str, u64)],
) -> Vec<Found> {
    let leftovers = entries.iter().filter(|(name, _)| LEFTOVERS.contains(name));
    let entry = |&(name, size_bytes): &(&str, u64)| Entry {
        name: name.to_owned(),
        size_bytes,
    };
    let context = Context {
        size_bytes: entries.iter().map(|(_, size_bytes)| size_bytes).sum(),
        leftovers: leftovers.map(entry).collect(),
        ignore_path: ".dockerignore".to_owned(),
        folders: folders.iter().map(|&folder| folder.to_owned()).collect(),
    };
    run(check, text, context, &[])
}

fn run(check: Check, text: &str, context: Context, durations_ms: &[(u32, u64)]) -> Vec<Found> {
    let recipe = Recipe {
        path: "Dockerfile".to_owned(),
        dockerfile: common::dockerfile::parse(text).unwrap(),
        context,
        targets: Vec::new(),
    };
    let durations_ms: HashMap<u32, u64> = durations_ms.iter().copied().collect();
    check(&Subject {
        recipe: &recipe,
        durations_ms: &durations_ms,
    })
}
