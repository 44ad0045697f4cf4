//! The rules that Dockerfiles are checked by, one file each.

mod copy_before_install;
mod dependencies_built_with_sources;
mod missing_dockerignore;
#[cfg(test)]
pub(crate) mod sample;
mod system_packages_after_copy;

use std::collections::HashMap;

use super::stage_state::State;
use crate::model::build::Target;
use crate::model::edit::Edit;
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
    /// How much what it finds matters.
    pub(crate) weight: Weight,
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
    /// What the build made of it. Empty without a build report.
    pub(crate) targets: &'a [&'a Target],
    /// The state before each instruction, by stage, then by instruction.
    pub(crate) states: &'a [Vec<State>],
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It costs time, space or trust.
    Warning,
    /// It is worth knowing.
    Note,
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
    /// How sure it is that mending it is safe and helps.
    pub(crate) confidence: Confidence,
    /// The change that mends it.
    pub(crate) remedy: Remedy,
}

impl Found {
    /// What is found in a line, with nothing measured and no change to offer.
    pub(crate) fn new(line: u32, message: String, advice: String) -> Self {
        Self {
            line,
            message,
            advice,
            saved_ms: None,
            saved_bytes: None,
            confidence: Confidence::Likely,
            remedy: Remedy::None,
        }
    }
}

/// How sure advice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Confidence {
    /// It follows from what the builder documents, or was measured.
    Certain,
    /// It holds for projects that keep to the tool's conventions.
    Likely,
    /// It depends on what is not known here.
    Possible,
}

/// The change that mends what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The rule never offers one.
    None,
    /// These edits, which belong together.
    Patch(Vec<Edit>),
    /// None is offered, because it is not known to be safe: why.
    Withheld(String),
}

/// All rules, by id.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "copy-before-install",
        reason: "a step runs again when a step before it does, so any edit installs all dependencies",
        source: "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        weight: Weight::Warning,
        check: copy_before_install::check,
    },
    Rule {
        id: "dependencies-built-with-sources",
        reason: "dependencies change far less often than sources, and building them takes most of the time",
        source: "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        weight: Weight::Warning,
        check: dependencies_built_with_sources::check,
    },
    Rule {
        id: "missing-dockerignore",
        reason: "what is in the context is read, sent and copied, and its changes miss the cache",
        source: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
        weight: Weight::Warning,
        check: missing_dockerignore::check,
    },
    Rule {
        id: "system-packages-after-copy",
        reason: "packages of the distribution need no file of the project, but wait for all of them",
        source: "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        weight: Weight::Warning,
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
