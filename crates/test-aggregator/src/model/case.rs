//! One case, and how it ended.

use super::elapsed::Elapsed;

/// A case that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// The index of its suite in the file's suites.
    pub(crate) suite_index: usize,
    pub(crate) class_name: Option<String>,
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    /// `None` when the file does not say.
    pub(crate) elapsed: Option<Elapsed>,
    /// The one-line reason.
    pub(crate) message: Option<String>,
    /// The longer text.
    pub(crate) details: Option<String>,
    pub(crate) source: Option<Source>,
}

/// Where a case's code is, as its runner says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) line: Option<u32>,
}

/// How a case ended. Sorts the gravest last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    #[default]
    Passed,
    Skipped,
    Failed,
    Errored,
}

/// Counts of cases, and how long they ran together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed_count: u64,
    pub(crate) failed_count: u64,
    pub(crate) errored_count: u64,
    pub(crate) skipped_count: u64,
    pub(crate) elapsed: Elapsed,
}

impl Tally {
    /// All cases.
    pub(crate) fn case_count(&self) -> u64 {
        self.passed_count + self.failed_count + self.errored_count + self.skipped_count
    }

    /// Counts one case.
    pub(crate) fn count(&mut self, outcome: Outcome, elapsed: Elapsed) {
        let count = match outcome {
            Outcome::Passed => &mut self.passed_count,
            Outcome::Skipped => &mut self.skipped_count,
            Outcome::Failed => &mut self.failed_count,
            Outcome::Errored => &mut self.errored_count,
        };
        *count += 1;
        self.elapsed += elapsed;
    }

    /// Adds the counts and times of others.
    pub(crate) fn add(&mut self, other: &Self) {
        self.passed_count += other.passed_count;
        self.failed_count += other.failed_count;
        self.errored_count += other.errored_count;
        self.skipped_count += other.skipped_count;
        self.elapsed += other.elapsed;
    }
}
