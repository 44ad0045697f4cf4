//! What checks say, before it becomes a report.

/// One rule and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// The rule: kebab-case, never reused for something else.
    pub(crate) rule: &'static str,
    /// What came of it.
    pub(crate) outcome: Outcome,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is as it should be.
    Passed,
    /// Nothing asks for it, or it cannot be checked.
    Skipped,
    /// Something is not as it should be.
    Failed(Vec<Fault>),
}

impl Outcome {
    /// Failed with these faults, passed without any.
    pub(crate) fn of(faults: Vec<Fault>) -> Self {
        if faults.is_empty() {
            Self::Passed
        } else {
            Self::Failed(faults)
        }
    }
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// How much it matters.
    pub(crate) severity: Severity,
    /// What was found, in one sentence without a full stop.
    pub(crate) message: String,
    /// What to do about it. `None` when the message says it all.
    pub(crate) advice: Option<String>,
    /// Where it is.
    pub(crate) place: Place,
}

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Something is broken.
    Error,
    /// Something costs time, space or trust.
    Warning,
    /// Something is worth knowing.
    Note,
}

/// Where in a Dockerfile something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It cannot be said.
    Nowhere,
    /// At the last of the instructions with one of these keywords that led to the image, else at
    /// the `FROM` of its stage.
    Instruction(&'static [&'static str]),
    /// At a line, from 1.
    Line(u32),
}
