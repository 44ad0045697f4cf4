//! Which targets have to be built again after a change.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::context::{ContextEntry, ContextScan};
use crate::model::plan::Target;
use crate::model::selection::select;

/// All of a target that its image is made from, as far as it is on this host: what its files say
/// of it, and what it copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ingredients {
    target: Target,
    /// Paths, modes and digests, without the times, which do not reach an image's cache.
    files: BTreeMap<String, (u32, Option<String>)>,
}

/// The ingredients of every target, by name.
pub(crate) type AllIngredients = BTreeMap<String, Ingredients>;

/// What a target is made from, given its context and those that it names, hashed.
pub(crate) fn ingredients(
    target: &Target,
    context: &ContextScan,
    named: &BTreeMap<String, ContextScan>,
) -> Ingredients {
    // What cannot be said could be anything.
    let paths = target.context_paths.as_deref();
    let selected = match paths {
        // To `select`, no paths are all paths.
        Some([]) => vec![false; context.entries.len()],
        _ => select(&context.entries, paths.unwrap_or_default()),
    };
    let own = context.entries.iter().zip(selected);
    let own = own.filter(|(_, selected)| *selected);
    let own = own.map(|(entry, _)| (entry.path.clone(), state(entry)));
    let named = named.iter().flat_map(|(name, scan)| {
        let entries = scan.entries.iter();
        entries.map(move |entry| (format!("{name}:{}", entry.path), state(entry)))
    });
    Ingredients {
        target: target.clone(),
        files: own.chain(named).collect(),
    }
}

fn state(entry: &ContextEntry) -> (u32, Option<String>) {
    (entry.mode, entry.digest.clone())
}

/// The targets whose ingredients changed, that failed before, or that depend on such a one, sorted.
/// None if nothing changed: what failed would fail again.
pub(crate) fn affected(
    before: &AllIngredients,
    now: &AllIngredients,
    failed: &BTreeSet<String>,
) -> Vec<String> {
    let is_changed =
        |(name, ingredients): &(&String, &Ingredients)| before.get(*name) != Some(*ingredients);
    let mut affected: BTreeSet<&String> = now
        .iter()
        .filter(is_changed)
        .map(|(name, _)| name)
        .collect();
    if affected.is_empty() {
        return Vec::new();
    }
    affected.extend(now.keys().filter(|name| failed.contains(*name)));
    loop {
        let known = affected.len();
        let dependents = now.iter().filter(|(_, ingredients)| {
            let mut dependencies = ingredients.target.depends_on.iter();
            dependencies.any(|name| affected.contains(name))
        });
        let dependents: Vec<&String> = dependents.map(|(name, _)| name).collect();
        affected.extend(dependents);
        if affected.len() == known {
            return affected.into_iter().cloned().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::context::EntryKind;

    fn entry(path: &str, digest: &str) -> ContextEntry {
        ContextEntry {
            path: path.to_owned(),
            kind: EntryKind::File,
            mode: 0o644,
            size_bytes: 1,
            modified_ns: 0,
            inode: None,
            digest: Some(digest.to_owned()),
        }
    }

    /// A target that copies `src`, in a context of `src` and `notes`.
    fn made(name: &str, depends_on: &[&str], src: &str, notes: &str) -> (String, Ingredients) {
        let target = Target {
            name: name.to_owned(),
            depends_on: depends_on.iter().map(|&name| name.to_owned()).collect(),
            context_paths: Some(vec!["src".to_owned()]),
            ..Target::default()
        };
        let context = ContextScan {
            entries: vec![entry("notes", notes), entry("src", src)],
            ..ContextScan::default()
        };
        (
            name.to_owned(),
            ingredients(&target, &context, &BTreeMap::new()),
        )
    }

    fn all(base: &str, notes: &str) -> AllIngredients {
        [
            made("app", &["lib"], "1", "1"),
            made("base", &[], base, notes),
            made("lib", &["base"], "1", "1"),
            made("other", &[], "1", "1"),
        ]
        .into()
    }

    #[test]
    fn a_copied_file_affects_its_target_and_all_that_depend_on_it() {
        let affected = affected(&all("1", "1"), &all("2", "1"), &BTreeSet::new());
        assert_eq!(affected, ["app", "base", "lib"]);
    }

    #[test]
    fn a_file_that_nobody_copies_affects_nothing() {
        let failed = BTreeSet::from(["other".to_owned()]);
        let affected = affected(&all("1", "1"), &all("1", "2"), &failed);
        assert_eq!(affected, Vec::<String>::new());
    }

    #[test]
    fn what_failed_is_tried_again_when_something_changed() {
        let mut now = all("1", "1");
        now.extend([made("app", &["lib"], "2", "1")]);
        let failed = BTreeSet::from(["other".to_owned()]);
        assert_eq!(affected(&all("1", "1"), &now, &failed), ["app", "other"]);
    }

    #[test]
    fn at_first_all_are_affected() {
        let affected = affected(&BTreeMap::new(), &all("1", "1"), &BTreeSet::new());
        assert_eq!(affected, ["app", "base", "lib", "other"]);
    }
}
