//! One file of results: what was counted, what is odd about it, and where it is broken.

use super::case::{Case, Tally};

/// What a file holds. Passed cases are only counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileResults {
    /// The path, as it was given or found.
    pub(crate) path: String,
    /// The suites, in the order in which they begin.
    pub(crate) suites: Vec<Suite>,
    /// The cases that did not pass, in the order in which they end.
    pub(crate) cases: Vec<Case>,
    pub(crate) remarks: Vec<Remark>,
    /// Whether a number showed that a comma separates decimals in this file.
    pub(crate) has_decimal_comma: bool,
    /// Why the file could not be read to its end.
    pub(crate) fault: Option<Fault>,
}

impl FileResults {
    /// All cases of the file.
    pub(crate) fn case_count(&self) -> u64 {
        self.suites
            .iter()
            .map(|suite| suite.tally.case_count())
            .sum()
    }
}

/// One suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Suite {
    /// Its name after those of the suites around it, joined by ` > `; empty when none has a name.
    pub(crate) name: String,
    /// Its own cases, those of inner suites left out.
    pub(crate) tally: Tally,
}

/// Something odd that does not keep the file from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The line, from 1.
    pub(crate) line: u32,
    pub(crate) kind: RemarkKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RemarkKind {
    /// A suite counts its cases otherwise than we do.
    DeclaredCountDiffers { declared: u64, counted: u64 },
    /// A suite counts cases, but holds none.
    NoCases { suite: String, declared: u64 },
    /// A suite itself failed, beside its cases.
    SuiteFailed {
        suite: String,
        message: Option<String>,
    },
    /// Times are no numbers, negative or absurd; the line is that of the first.
    UnusableTimes { first: String, count: u64 },
    /// Times can be read in two ways; the line is that of the first.
    AmbiguousTimes { first: String, count: u64 },
}

/// Where and why reading ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Whether the file was recognised as results, so that what came before the fault counts.
    pub(crate) is_partial: bool,
    /// `None` when nothing of the file could be read.
    pub(crate) place: Option<Place>,
    pub(crate) message: String,
}

impl Fault {
    /// A file that the system does not let us read.
    pub(crate) fn unreadable(error: &std::io::Error) -> Self {
        Self {
            is_partial: false,
            place: None,
            message: error.to_string(),
        }
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The line, from 1.
    pub(crate) line: u32,
    /// The column, in bytes of UTF-8 from 1.
    pub(crate) column: u32,
}

impl Place {
    /// Where every file begins.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}
