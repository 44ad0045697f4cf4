//! What happens while a build runs, one JSON object a line.
//!
//! Not a report: nothing of it is read by another tool, and a line is only true when it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TargetStatus;

/// One line of `build --progress json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuildEvent {
    /// Milliseconds since the build's start.
    pub at_ms: u64,
    /// The target that it happened to.
    pub target: String,
    /// What happened.
    #[serde(flatten)]
    pub what: BuildEventKind,
}

/// What happened to a target. `step` numbers the steps of a target from 1, in the order of their
/// first appearance; `name` is what the builder calls a step, such as `[builder 2/4] COPY a b`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum BuildEventKind {
    /// It started.
    TargetStarted,
    /// Something that is worth knowing, such as an image being pushed.
    Note {
        /// What it is.
        message: String,
    },
    /// A step started. One that waits for something can start, and end, more than once.
    StepStarted {
        /// The step.
        step: u32,
        /// Its name.
        name: String,
    },
    /// A step printed a line.
    StepLog {
        /// The step.
        step: u32,
        /// The line, without its end. Values of secret-looking build arguments read `<redacted>`.
        text: String,
    },
    /// A step moved bytes: files of the context, layers of an image.
    StepProgress {
        /// The step.
        step: u32,
        /// Bytes moved until now.
        current_bytes: u64,
        /// Bytes to move. `None` when the builder does not say.
        total_bytes: Option<u64>,
    },
    /// A step's result came from the cache.
    StepCached {
        /// The step.
        step: u32,
        /// Its name.
        name: String,
    },
    /// A step ended well.
    StepDone {
        /// The step.
        step: u32,
        /// Its name.
        name: String,
        /// Milliseconds that it ran.
        duration_ms: u64,
    },
    /// A step failed.
    StepFailed {
        /// The step.
        step: u32,
        /// Its name.
        name: String,
        /// Milliseconds that it ran.
        duration_ms: u64,
    },
    /// A step was given up, because another one failed.
    StepGivenUp {
        /// The step.
        step: u32,
        /// Its name.
        name: String,
    },
    /// Something that does not end the build, but that its owner should know.
    Warning {
        /// What it is.
        message: String,
        /// The Dockerfile that it is in, as the frontend calls it. `None` when it is in none.
        file: Option<String>,
        /// The line in it, from 1. `None` when it is in none.
        line: Option<u32>,
        /// Where it is explained. `None` when nobody says.
        url: Option<String>,
    },
    /// The target ended, or will never start.
    TargetFinished {
        /// How it ended.
        status: TargetStatus,
        /// Milliseconds from its start to its end. `None` when it never started.
        duration_ms: Option<u64>,
        /// The image's id. `None` when none was made.
        image: Option<String>,
        /// Why it was not built. `None` when it was.
        error: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_flat_object() {
        let event = BuildEvent {
            at_ms: 12,
            target: "app".to_owned(),
            what: BuildEventKind::StepLog {
                step: 3,
                text: "cc a.c".to_owned(),
            },
        };
        let expected = r#"{"at_ms":12,"target":"app","kind":"step-log","step":3,"text":"cc a.c"}"#;
        assert_eq!(serde_json::to_string(&event).unwrap(), expected);
        assert_eq!(serde_json::from_str::<BuildEvent>(expected).unwrap(), event);
    }
}
