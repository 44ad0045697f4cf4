//! The rules that Dockerfiles are checked by, one file each.

mod copy_before_install;
mod missing_dockerignore;
#[cfg(test)]
mod sample;
mod system_packages_after_copy;

use std::collections::HashMap;

use crate::model::recipe::Recipe;

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Names the rule in reports: kebab-case, never reused for something else.
    pub(crate) id: &'static str,
    /// Why what it finds costs time or space.
    pub(crate) reason: &'static str,
    /// Where that is written down.
    pub(crate) source: &'static str,
    /// Looks for it.
    pub(crate) check: fn(&Subject<'_>) -> Vec<Found>,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// The Dockerfile and its context.
    pub(crate) recipe: &'a Recipe,
    /// Milliseconds of the steps that ran, by the line of their instruction.
    pub(crate) durations_ms: &'a HashMap<u32, u64>,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The line in the Dockerfile, from 1.
    pub(crate) line: u32,
    /// What is there, in one sentence without a full stop.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) advice: String,
    /// Milliseconds saved by each rebuild that meets the fault. `None` when that was not measured.
    pub(crate) saved_ms: Option<u64>,
    /// Bytes that need not be sent. `None` when that is not what mending saves.
    pub(crate) saved_bytes: Option<u64>,
}

/// All rules, by id.
pub(crate) const RULES: [Rule; 3] = [
    Rule {
        id: "copy-before-install",
        reason: "a step runs again when a step before it does, so any edit installs all dependencies",
        source: "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        check: copy_before_install::check,
    },
    Rule {
        id: "missing-dockerignore",
        reason: "what is in the context is read, sent and copied, and its changes miss the cache",
        source: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
        check: missing_dockerignore::check,
    },
    Rule {
        id: "system-packages-after-copy",
        reason: "packages of the distribution need no file of the project, but wait for all of them",
        source: "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        check: system_packages_after_copy::check,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_distinct() {
        assert!(RULES.is_sorted_by(|a, b| a.id < b.id));
    }
}
