//! What a reader of a report should look at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// One thing to look at, with where it is and what it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule that made it: kebab-case, never reused for something else.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What was found, in one sentence without a full stop.
    pub message: String,
    /// What to do about it. `None` when the message says it all.
    pub advice: Option<String>,
    /// Where it is. `None` when it is not in a file.
    pub location: Option<Location>,
    /// The build target, image or suite that it concerns. `None` when it concerns all.
    pub subject: Option<String>,
    /// What mending it would save. `None` when that is not known.
    pub saving: Option<Saving>,
}

impl Finding {
    /// Orders findings most severe first, then by place, rule and text.
    pub fn cmp_by_severity(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }

    fn key(&self) -> (Severity, Option<&Location>, &str, &str) {
        let location = self.location.as_ref();
        (self.severity, location, &self.rule, &self.message)
    }
}

/// How much a finding matters. Sorts the gravest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Something is broken.
    Error,
    /// Something costs time, space or trust.
    Warning,
    /// Something is worth knowing.
    Note,
}

/// A place in a text file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The file, as it was given or found.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// What mending a finding would save.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Saving {
    /// Milliseconds of each rebuild that meets the fault. `None` when no time was measured.
    pub duration_ms: Option<u64>,
    /// Bytes that need not be stored or sent. `None` when no size was measured.
    pub size_bytes: Option<u64>,
}
