//! The steps of a target, as people think of them: with stage, instruction and line.

use std::collections::BTreeMap;

use super::context::ContextEntry;

/// One step of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Names it within the build: `TARGET/STAGE/N`, or `TARGET/NAME` for the builder's own work.
    pub(crate) id: String,
    /// What kind of work it is.
    pub(crate) kind: StepKind,
    /// The stage, as the builder calls it. `None` for the builder's own work.
    pub(crate) stage: Option<String>,
    /// What it does, such as `COPY a b`.
    pub(crate) name: String,
    /// The line of its instruction. `None` when the Dockerfile has none for it, as for an
    /// `ONBUILD` of the base image.
    pub(crate) line: Option<u32>,
    /// Whether its result came from the cache. `None` when it has none: it was never reached, or
    /// was broken off.
    pub(crate) cached: Option<bool>,
    /// The step of another target that did its work in this build. `None` when there is none.
    pub(crate) shared_with: Option<String>,
    /// When it first started. `None` when it never did.
    pub(crate) started_ms: Option<u64>,
    /// When it last ended. `None` when it never started.
    pub(crate) ended_ms: Option<u64>,
    /// How long it ran, spans in which it waited left out.
    pub(crate) duration_ms: u64,
    /// Ids of the steps whose results it uses, sorted.
    pub(crate) depends_on: Vec<String>,
    /// What a `COPY` or `ADD` takes from the build context. `None` for all other steps.
    pub(crate) context_files: Option<Vec<ContextEntry>>,
    /// What is in the key of a `RUN`. `None` for all other steps.
    pub(crate) run: Option<RunInputs>,
    /// The image that a `FROM` starts from. `None` for all other steps, and when it is not known.
    pub(crate) base_digest: Option<String>,
    /// What went wrong, and the last lines that it printed before. `None` when it did not fail.
    pub(crate) failure: Option<Failure>,
}

/// What decides, beside its text and its parent, whether a `RUN` comes from the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunInputs {
    /// The build arguments that it sees, with their real values.
    pub(crate) args: BTreeMap<String, String>,
    /// The environment that it sees, with its real values.
    pub(crate) env: BTreeMap<String, String>,
    /// Its `--mount`s, as written, in order.
    pub(crate) mounts: Vec<String>,
    /// Its `--network`. `None` when it does not say.
    pub(crate) network: Option<String>,
}

/// How a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The builder's words.
    pub(crate) message: String,
    /// The last lines that the step printed.
    pub(crate) log_tail: Vec<String>,
}

/// The kinds of work that a builder reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// An instruction of the Dockerfile that makes something.
    Instruction,
    /// Finding the image of a `FROM`.
    Base,
    /// Work of the builder itself.
    Internal,
    /// Writing the image.
    Export,
}

#[cfg(test)]
impl Step {
    /// An instruction that ran for a span of time, for tests to change to what they need.
    pub(crate) fn sample(id: &str, name: &str, span: (u64, u64)) -> Self {
        Self {
            id: id.to_owned(),
            kind: StepKind::Instruction,
            stage: None,
            name: name.to_owned(),
            line: None,
            cached: Some(false),
            shared_with: None,
            started_ms: Some(span.0),
            ended_ms: Some(span.1),
            duration_ms: span.1 - span.0,
            depends_on: Vec::new(),
            context_files: None,
            run: None,
            base_digest: None,
            failure: None,
        }
    }
}
