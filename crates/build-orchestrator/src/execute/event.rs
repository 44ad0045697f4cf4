//! What happens while a build runs, as it happens.

use crate::model::outcome::{TargetOutcome, Warning};

/// Something that happened to a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    /// The target's name.
    pub(crate) target: &'a str,
    /// What happened.
    pub(crate) what: What<'a>,
}

/// What happened to a target.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What<'a> {
    /// It started.
    Started,
    /// Something happened to one of its steps.
    Step(StepEvent<'a>),
    /// Something that goes as it should, and that its owner wants to know.
    Note(&'a str),
    /// Something that does not end it, but that its owner should know.
    Warning(&'a str),
    /// It ended, or will never start.
    Finished(&'a TargetOutcome),
}

/// Something that happened to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StepEvent<'a> {
    /// The step's number within its target, from 1, in the order of first appearance. 0 for a
    /// warning that concerns no step.
    pub(crate) number: usize,
    /// The step's name, such as `[builder 2/4] COPY a b`.
    pub(crate) name: &'a str,
    /// What happened.
    pub(crate) progress: StepProgress<'a>,
}

/// What happened to a step. A step can start and end more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepProgress<'a> {
    /// It started.
    Started,
    /// It printed a line.
    Line(&'a str),
    /// It moves bytes: files of the context, layers of an image.
    Transfer {
        /// Bytes moved until now.
        current_bytes: u64,
        /// Bytes to move. `None` when the builder does not say.
        total_bytes: Option<u64>,
    },
    /// The builder warns of it.
    Warning(&'a Warning),
    /// Its result came from the cache.
    Cached,
    /// It ended well.
    Done {
        /// How long it ran.
        duration_ms: u64,
    },
    /// It failed.
    Failed {
        /// How long it ran.
        duration_ms: u64,
    },
    /// It was given up, because another one failed.
    GivenUp,
}
