//! Runs a rule on the text of a Dockerfile, for tests.

use common::build_context::IgnoreFile;
use std::collections::HashMap;
use std::sync::Arc;

use super::{Found, Remedy, Subject};
use crate::analysis::patch::patched;
use crate::analysis::stage_state::states;
use crate::model::context::{Context, Entry, LEFTOVERS, leftovers};
use crate::model::edit::EditedFile;
use crate::model::files::Files;
use crate::model::recipe::Recipe;
use crate::model::sample::recipe;

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
        ..Context::default()
    };
    run(check, text, context, &[])
}

fn run(check: Check, text: &str, context: Context, durations_ms: &[(u32, u64)]) -> Vec<Found> {
    let recipe = Recipe {
        context,
        ..recipe(text)
    };
    check_recipe(check, &recipe, durations_ms)
}

/// What a rule finds in a recipe when steps, by line, ran for milliseconds.
pub(super) fn check_recipe(
    check: Check,
    recipe: &Recipe,
    durations_ms: &[(u32, u64)],
) -> Vec<Found> {
    check(&Subject {
        recipe,
        durations_ms: &durations_ms.iter().copied().collect(),
        targets: &[],
        states: &states(&recipe.dockerfile),
    })
}

/// A context with these files, each with its text. Texts are those of manifests only.
pub(crate) fn context_of(files: &[(&str, &str)]) -> Context {
    let mut known = Files {
        is_complete: true,
        ..Files::default()
    };
    for &(path, text) in files {
        let size_bytes = text.len() as u64;
        known.sizes_bytes.insert(path.to_owned(), size_bytes);
        known.texts.insert(path.to_owned(), text.to_owned());
        for (end, _) in path.match_indices('/') {
            known.folders.insert(path[..end].to_owned());
        }
    }
    Context {
        ignore_path: ".dockerignore".to_owned(),
        size_bytes: known.sizes_bytes.values().sum(),
        files: Arc::new(known),
        ..Context::default()
    }
}

/// The Dockerfile after the patches of all that a rule finds in it, with these files in its context.
pub(super) fn mended(check: Check, text: &str, files: &[(&str, &str)]) -> String {
    let recipe = Recipe {
        context: context_of(files),
        ..recipe(text)
    };
    let found = check_recipe(check, &recipe, &[]);
    let edits: Vec<_> = found
        .iter()
        .flat_map(|found| match &found.remedy {
            Remedy::Patch(edits) => edits.as_slice(),
            Remedy::None | Remedy::Withheld(_) => &[],
        })
        .filter(|edit| edit.file == EditedFile::Dockerfile)
        .collect();
    let after = patched(text, edits).expect("patches of one rule do not overlap");
    common::dockerfile::parse(&after).expect("a patched Dockerfile is one");
    after
}

/// The subject of a Dockerfile with these files in its context.
pub(crate) fn with_subject<T>(
    text: &str,
    files: &[(&str, &str)],
    look: impl FnOnce(&Subject<'_>) -> T,
) -> T {
    let recipe = Recipe {
        context: context_of(files),
        ..recipe(text)
    };
    look(&Subject {
        recipe: &recipe,
        durations_ms: &HashMap::new(),
        targets: &[],
        states: &states(&recipe.dockerfile),
    })
}

/// A recipe with these files in its context, of which the ignore file leaves out some. Folders that a
/// tool fills are known by their bytes, as in a context on disk.
fn ignoring(text: &str, files: &[(&str, &str)], ignore: Option<&str>) -> Recipe {
    let file = IgnoreFile::parse(ignore.unwrap_or_default()).expect("an ignore file");
    let offered = files.iter().filter(|(path, _)| !file.ignores_path(path));
    let offered: Vec<_> = offered.copied().collect();
    let mut context = context_of(&offered);
    let known = Arc::make_mut(&mut context.files);
    for folder in known.folders.clone() {
        let name = folder.rsplit('/').next().unwrap_or_default();
        if [".git", "__pycache__", "node_modules"].contains(&name) {
            let size_bytes = known.folder_bytes(&folder);
            let is_below = |path: &String| path.starts_with(&format!("{folder}/"));
            known.sizes_bytes.retain(|path, _| !is_below(path));
            known.unread.insert(folder, size_bytes);
        }
    }
    Recipe {
        context: Context {
            leftovers: leftovers(known),
            ignore_text: ignore.map(str::to_owned),
            ..context
        },
        ..recipe(text)
    }
}

/// What a rule finds in a context with folders that a tool fills, and with an ignore file.
pub(super) fn found_in(
    check: Check,
    text: &str,
    files: &[(&str, &str)],
    ignore: Option<&str>,
) -> Vec<Found> {
    check_recipe(check, &ignoring(text, files, ignore), &[])
}

/// The ignore file after the patches of all that a rule finds, as with [`found_in`]. Empty when there is
/// none.
pub(super) fn ignore_file_after(
    check: Check,
    text: &str,
    files: &[(&str, &str)],
    ignore: Option<&str>,
) -> String {
    let found = found_in(check, text, files, ignore);
    let edits: Vec<_> = found
        .iter()
        .flat_map(|found| match &found.remedy {
            Remedy::Patch(edits) => edits.as_slice(),
            Remedy::None | Remedy::Withheld(_) => &[],
        })
        .filter(|edit| edit.file == EditedFile::IgnoreFile)
        .collect();
    patched(ignore.unwrap_or_default(), edits).expect("patches of one rule do not overlap")
}

/// Why no patch is offered, for each finding that has none.
pub(super) fn withheld(check: Check, text: &str, files: &[(&str, &str)]) -> Vec<String> {
    let recipe = Recipe {
        context: context_of(files),
        ..recipe(text)
    };
    let found = check_recipe(check, &recipe, &[]).into_iter();
    found
        .filter_map(|found| match found.remedy {
            Remedy::Withheld(why) => Some(why),
            Remedy::None | Remedy::Patch(_) => None,
        })
        .collect()
}
