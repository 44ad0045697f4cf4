//! Why one step ran: the first difference to an earlier build that is certain to alter its cache key.
//!
//! What enters a key: research/cache.md sections 2.1 to 2.3. A difference that may be harmless, or
//! that reports do not record, is never taken for the cause.

mod bases;
mod eviction;
mod settings;
mod variables;

use std::collections::{HashMap, HashSet};

use super::args::{changed_arg, unclear_arg};
use super::earlier::{Earlier, StepKey};
use super::edits::{edited_above, is_moved, replaced};
use super::file_changes::{FileChange, file_changes};
use crate::model::build::{Step, Target};
use bases::{base_cause, has_other_base};
use settings::setting_cause;
use variables::variable_cause;

/// Why a step ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The cache was switched off.
    NoCache,
    /// The earlier build has no step of this text in this stage, or not at this place among others.
    InstructionChanged {
        /// The instruction that it seems to have been. `None` when it is new or stands elsewhere.
        before: Option<String>,
    },
    /// Files that the step takes from the context changed.
    FilesChanged(Vec<FileChange>),
    /// A build argument that the step sees changed.
    ArgChanged {
        name: String,
        before: Option<String>,
        after: Option<String>,
    },
    /// A variable that `ENV` sets changed.
    EnvChanged {
        name: String,
        before: Option<String>,
        after: Option<String>,
    },
    /// The image that its stage starts from is another one.
    BaseChanged {
        image: String,
        before: String,
        after: String,
    },
    /// How it is run changed: `platform`, `network`, `hosts`, `user` or `shell`.
    SettingChanged {
        name: String,
        before: Option<String>,
        after: Option<String>,
    },
    /// Nothing in its key changed: the builder does not have the result any more.
    Evicted,
    /// A step whose result it uses ran.
    DependencyRan {
        /// That step's id.
        step: String,
    },
    /// The evidence does not settle it.
    Unknown {
        /// What would have to be known.
        missing: String,
    },
}

/// What would settle a cause when there is nothing to compare with.
pub(crate) const NO_BASELINE: &str = "an earlier build report (`--baseline`)";

/// What would settle a cause when the earlier build failed before or in the step.
const NO_RESULT: &str = "an earlier build with a result of this step";

/// What would settle a cause when a build report is too old to have it.
const NOT_RECORDED: &str = "the environment that the step saw, which both build reports must have";

/// What is known of a target in both builds.
#[derive(Debug)]
pub(crate) struct Evidence<'a> {
    target: &'a Target,
    steps: HashMap<&'a str, &'a Step>,
    earlier: &'a Earlier<'a>,
}

impl<'a> Evidence<'a> {
    /// The evidence on a target that was built before as `earlier`.
    pub(crate) fn new(target: &'a Target, earlier: &'a Earlier<'a>) -> Self {
        let steps = target.steps.iter();
        Self {
            target,
            steps: steps.map(|step| (step.id.as_str(), step)).collect(),
            earlier,
        }
    }
}

/// Why `step`, which is `key` in both builds, ran. What is its own comes before what it uses; an edited
/// instruction comes last, because another text may stand for the same key.
pub(crate) fn cause(key: StepKey<'_>, step: &Step, evidence: &Evidence<'_>) -> Cause {
    let earlier = evidence.earlier;
    // Where the earlier build got no result, a difference to it explains nothing.
    let before = earlier
        .step(key)
        .or_else(|| earlier.merged(step, evidence.target))
        .filter(|before| earlier.has_result(before));
    before
        .and_then(|before| own_cause(before, step, evidence))
        .or_else(|| dependency_cause(step, evidence))
        .unwrap_or_else(|| match before {
            Some(before) => edit_cause(before, step, evidence),
            None if !earlier.has_instruction(key) => Cause::InstructionChanged {
                before: replaced(
                    earlier.target,
                    earlier.label_then(key.0),
                    (step, evidence.target),
                )
                .map(str::to_owned),
            },
            None => Cause::Unknown {
                missing: NO_RESULT.to_owned(),
            },
        })
}

fn own_cause(before: &Step, step: &Step, evidence: &Evidence<'_>) -> Option<Cause> {
    let targets = ((before, evidence.earlier.target), (step, evidence.target));
    files_cause(before, step)
        .or_else(|| base_cause(step, evidence))
        .or_else(|| variables_cause(before, step, evidence))
        .or_else(|| setting_cause(targets.0, targets.1))
}

/// What both builds recorded settles it; older reports have the build arguments that were given.
fn variables_cause(before: &Step, step: &Step, evidence: &Evidence<'_>) -> Option<Cause> {
    match (&before.run, &step.run) {
        // The environment of another base image is that image's doing.
        (Some(_), Some(_)) if has_other_base(step, evidence) => None,
        (Some(before), Some(after)) => variable_cause(before, after),
        _ => arg_cause(before, step, evidence),
    }
}

fn files_cause(before: &Step, after: &Step) -> Option<Cause> {
    let (before, after) = (before.files.as_ref()?, after.files.as_ref()?);
    file_changes(before, after).map(Cause::FilesChanged)
}

fn arg_cause(before: &Step, step: &Step, evidence: &Evidence<'_>) -> Option<Cause> {
    let (target_before, target) = (evidence.earlier.target, evidence.target);
    let name = changed_arg((before, target_before), (step, target))?;
    Some(Cause::ArgChanged {
        name: name.to_owned(),
        before: target_before.build_args.get(name).cloned(),
        after: target.build_args.get(name).cloned(),
    })
}

/// The step that ran and that this one builds on, in whichever target it ran. A cached step shields
/// from all behind it; internal work does not, but is no cause itself. The parent in the own stage
/// goes before copied stages, since its key alone decides, while those count by content; among
/// equals the one that started first.
fn dependency_cause(step: &Step, evidence: &Evidence<'_>) -> Option<Cause> {
    let mut ids: Vec<&str> = step.depends_on.iter().map(String::as_str).collect();
    let mut seen = HashSet::new();
    let mut ran = Vec::new();
    while let Some(id) = ids.pop() {
        match evidence.steps.get(id) {
            Some(_) if !seen.insert(id) => {}
            Some(dependency) if dependency.is_miss() || is_shared(dependency) => {
                ran.push(*dependency);
            }
            Some(dependency) if dependency.is_hit() => {}
            Some(dependency) => ids.extend(dependency.depends_on.iter().map(String::as_str)),
            None => {}
        }
    }
    let first = ran.into_iter().min_by_key(|dependency| {
        let is_other_stage = dependency.stage != step.stage;
        (is_other_stage, dependency.started_ms, &dependency.id)
    })?;
    let run = first.shared_with.as_ref().unwrap_or(&first.id);
    Some(Cause::DependencyRan { step: run.clone() })
}

/// Whether the step is an instruction that another target ran.
fn is_shared(step: &Step) -> bool {
    step.is_instruction && step.shared_with.is_some()
}

/// What an edit above the step, whose own text is as it was, did to it.
fn edit_cause(before: &Step, step: &Step, evidence: &Evidence<'_>) -> Cause {
    let (before, after) = ((before, evidence.earlier.target), (step, evidence.target));
    if is_moved(before, after) {
        return Cause::InstructionChanged { before: None };
    }
    // What a `RUN` saw is known in full where it was recorded; of others only what was given is.
    let unclear = || match (&before.0.run, &step.run) {
        (Some(_), Some(_)) => None,
        _ => unclear_arg(before.1, after),
    };
    let edited = edited_above(before, after).is_some();
    let missing = (!edited).then(unclear).flatten();
    match missing.or_else(|| eviction::missing(before.0, step, evidence)) {
        Some(missing) => Cause::Unknown { missing },
        None => Cause::Evicted,
    }
}

#[cfg(test)]
mod tests;
