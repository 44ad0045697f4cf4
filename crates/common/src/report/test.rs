//! What the tests said.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReportData, SchemaVersion};

/// Body of a test report, written by `test-aggregator aggregate`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestData {
    /// Counts over all files.
    pub totals: TestTotals,
    /// The suites, by name.
    pub suites: Vec<TestSuite>,
    /// The cases that did not pass: failed and errored ones first, then skipped ones, each by
    /// suite and name. Passed cases are counted in their suites.
    pub cases: Vec<TestCase>,
    /// The files that were read, by path.
    pub files: Vec<TestFile>,
}

impl ReportData for TestData {
    const KIND: &'static str = "test";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// Counts of cases. Counted one by one; a file's own counters are never trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestTotals {
    /// All cases.
    pub case_count: u64,
    /// Cases that passed.
    pub passed_count: u64,
    /// Cases that failed: the code under test did the wrong thing.
    pub failed_count: u64,
    /// Cases that errored: something else went wrong.
    pub errored_count: u64,
    /// Cases that were not run.
    pub skipped_count: u64,
    /// Milliseconds of all cases together, which parallel runs make more than the wall time.
    pub duration_ms: u64,
}

/// The cases of one suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestSuite {
    /// The suite's name, those of the suites around it before it, joined by ` > `.
    pub name: String,
    /// Counts of its own cases, those of inner suites left out.
    pub totals: TestTotals,
}

/// One case that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestCase {
    /// The suite, as in `TestSuite`.
    pub suite: String,
    /// The class. `None` when the file gives none.
    pub class_name: Option<String>,
    /// The case's own name.
    pub name: String,
    /// How it ended.
    pub status: TestStatus,
    /// Milliseconds that it ran. `None` when the file does not say.
    pub duration_ms: Option<u64>,
    /// The one-line reason. `None` when the file gives none.
    pub message: Option<String>,
    /// The longer text, such as a stack trace. Cut at `DETAILS_BYTES_MAX`, and earlier once all
    /// texts together reach what the tool keeps; a cut one says so. `None` when there is none.
    pub details: Option<String>,
    /// Where the test's source is. `None` when the file does not say.
    pub source: Option<SourceLocation>,
    /// The result file that the case was read from.
    pub file: String,
}

/// How many bytes of a failure's text a report keeps.
///
/// Chosen: whole stack traces fit, a dumped log does not.
pub const DETAILS_BYTES_MAX: usize = 16 * 1024;

/// Where a test's source is, as its runner says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceLocation {
    /// The file.
    pub path: String,
    /// The line, as the runner counts. `None` when it does not say.
    pub line: Option<u32>,
}

/// How a case ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TestStatus {
    /// It did the wrong thing.
    Failed,
    /// Something else went wrong.
    Errored,
    /// It was not run.
    Skipped,
    /// It did the right thing.
    Passed,
}

/// One file of results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestFile {
    /// The path, as it was given or found.
    pub path: String,
    /// How much of it could be read.
    pub status: TestFileStatus,
    /// Cases read from it.
    pub case_count: u64,
    /// What was wrong with it, with line and column. `None` when nothing was.
    pub error: Option<String>,
}

/// How much of a file could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TestFileStatus {
    /// All of it.
    Read,
    /// What came before the fault.
    Partial,
    /// Nothing: it is empty, or not a file of results.
    Unreadable,
}
