//! Writes a run down for programs.

mod findings;

use common::report::{
    Input, Report, Severity, SourceLocation, TestCase, TestData, TestFile, TestFileStatus,
    TestStatus, TestSuite, TestTotals, Tool, Verdict,
};

use crate::analysis::merge::{Run, RunCase};
use crate::model::case::{Outcome, Tally};
use crate::model::elapsed::Elapsed;
use crate::model::file::FileResults;

/// Makes the report on a run. `received` are the reports that were read beside the files.
///
/// The verdict is no when a case failed, and also when it is not known that none did: a file could
/// not be read, or nothing ran.
pub(crate) fn test_report(
    files: &[FileResults],
    run: Run,
    received: Vec<Input>,
    created_at: String,
) -> Report<TestData> {
    let findings = findings::findings(files, &run);
    let has_failed = run.total.failed_count + run.total.errored_count > 0;
    let verdict = if has_failed || findings.iter().any(|f| f.severity == Severity::Error) {
        Verdict::Fail
    } else {
        Verdict::Pass
    };
    let mut inputs = received;
    inputs.extend(files.iter().map(|file| Input {
        kind: "test-results".to_owned(),
        id: file.path.clone(),
    }));
    let tool = Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Report::new(
        tool,
        created_at,
        verdict,
        inputs,
        findings,
        data(files, run),
    )
}

fn data(files: &[FileResults], run: Run) -> TestData {
    let mut files: Vec<TestFile> = files.iter().map(test_file).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let suite = |(name, tally)| TestSuite {
        name,
        totals: totals(&tally),
    };
    TestData {
        totals: totals(&run.total),
        suites: run.suites.into_iter().map(suite).collect(),
        cases: run.cases.into_iter().map(test_case).collect(),
        files,
    }
}

fn totals(tally: &Tally) -> TestTotals {
    TestTotals {
        case_count: tally.case_count(),
        passed_count: tally.passed_count,
        failed_count: tally.failed_count,
        errored_count: tally.errored_count,
        skipped_count: tally.skipped_count,
        duration_ms: milliseconds(tally.elapsed),
    }
}

fn test_case(run_case: RunCase) -> TestCase {
    let case = run_case.case;
    TestCase {
        suite: run_case.suite,
        class_name: case.class_name,
        name: case.name,
        status: status(case.outcome),
        duration_ms: case.elapsed.map(milliseconds),
        message: case.message,
        details: case.details,
        source: case.source.map(|source| SourceLocation {
            path: source.path,
            line: source.line,
        }),
        file: run_case.file_path,
    }
}

fn status(outcome: Outcome) -> TestStatus {
    match outcome {
        Outcome::Passed => TestStatus::Passed,
        Outcome::Skipped => TestStatus::Skipped,
        Outcome::Failed => TestStatus::Failed,
        Outcome::Errored => TestStatus::Errored,
    }
}

/// Whole milliseconds of a time whose commas are settled.
fn milliseconds(elapsed: Elapsed) -> u64 {
    (elapsed.certain_us + 500) / 1000
}

fn test_file(file: &FileResults) -> TestFile {
    let status = match &file.fault {
        None => TestFileStatus::Read,
        Some(fault) if fault.is_partial => TestFileStatus::Partial,
        Some(_) => TestFileStatus::Unreadable,
    };
    TestFile {
        path: file.path.clone(),
        status,
        case_count: file.case_count(),
        error: file.fault.as_ref().map(findings::fault_text),
    }
}
