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
    elapsed.certain_us.saturating_add(500) / 1000
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

#[cfg(test)]
mod tests {
    use common::report::Finding;

    use super::*;
    use crate::analysis::merge::merge;
    use crate::model::case::Case;
    use crate::model::file::{Fault, Place, Remark, RemarkKind, Suite};

    fn file(outcome: Outcome) -> FileResults {
        let mut suite = Suite::default();
        suite.tally.count(outcome, Elapsed::certain(1_499));
        FileResults {
            path: "a.xml".to_owned(),
            suites: vec![suite],
            ..FileResults::default()
        }
    }

    fn broken(is_partial: bool) -> FileResults {
        FileResults {
            fault: Some(Fault {
                is_partial,
                place: Some(Place { line: 3, column: 7 }),
                message: "it breaks off".to_owned(),
            }),
            ..file(Outcome::Passed)
        }
    }

    fn remarked(kind: RemarkKind) -> FileResults {
        FileResults {
            remarks: vec![Remark { line: 2, kind }],
            ..file(Outcome::Passed)
        }
    }

    fn report(mut files: Vec<FileResults>) -> Report<TestData> {
        let run = merge(&mut files);
        test_report(&files, run, Vec::new(), "2026-01-01T00:00:00Z".to_owned())
    }

    fn rules(report: &Report<TestData>) -> Vec<&str> {
        report.findings.iter().map(|f| f.rule.as_str()).collect()
    }

    #[test]
    fn the_verdict_is_no_unless_all_is_known_to_have_passed() {
        let suite_failed = RemarkKind::SuiteFailed {
            suite: String::new(),
            message: None,
        };
        let no_cases = RemarkKind::NoCases {
            suite: "s".to_owned(),
            declared: 2,
        };
        let differs = RemarkKind::DeclaredCountDiffers {
            declared: 2,
            counted: 1,
        };
        let reports = [
            (vec![file(Outcome::Passed)], Verdict::Pass, vec![]),
            (vec![file(Outcome::Skipped)], Verdict::Pass, vec![]),
            (vec![file(Outcome::Failed)], Verdict::Fail, vec![]),
            (vec![file(Outcome::Errored)], Verdict::Fail, vec![]),
            (vec![], Verdict::Fail, vec!["nothing-ran"]),
            (vec![broken(true)], Verdict::Fail, vec!["partial-file"]),
            (vec![broken(false)], Verdict::Fail, vec!["unreadable-file"]),
            (
                vec![remarked(suite_failed)],
                Verdict::Fail,
                vec!["suite-failed"],
            ),
            (vec![remarked(no_cases)], Verdict::Fail, vec!["no-cases"]),
            (
                vec![remarked(differs)],
                Verdict::Pass,
                vec!["declared-count-differs"],
            ),
        ];
        for (files, verdict, expected) in reports {
            let report = report(files);
            assert_eq!((report.verdict, rules(&report)), (verdict, expected));
        }
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        let report = report(vec![broken(true)]);
        let file = &report.data.files[0];
        assert_eq!((file.status, file.case_count), (TestFileStatus::Partial, 1));
        let place = "line 3, column 7: it breaks off";
        assert_eq!(file.error.as_deref(), Some(place));
        let finding = &report.findings[0];
        let message = format!("only 1 case could be read: {place}");
        assert_eq!(finding.message, message);
        assert_eq!(finding.location.as_ref().unwrap().line, 3);
    }

    #[test]
    fn a_file_that_could_not_be_opened_has_no_place() {
        let denied = std::io::Error::other("permission denied");
        let file = FileResults {
            path: "a.xml".to_owned(),
            fault: Some(Fault::unreadable(&denied)),
            ..FileResults::default()
        };
        let report = report(vec![file]);
        assert_eq!(
            report.data.files[0].error.as_deref(),
            Some("permission denied")
        );
        let about_file = |finding: &&Finding| finding.rule == "unreadable-file";
        let finding = report.findings.iter().find(about_file).unwrap();
        assert_eq!(finding.location.as_ref().unwrap().path, "a.xml");
    }

    #[test]
    fn absurd_times_do_not_overflow() {
        let ms = milliseconds(Elapsed::certain(u64::MAX));
        assert_eq!(ms, 18_446_744_073_709_551);
    }

    #[test]
    fn a_case_is_written_down_with_its_suite_and_file() {
        let mut file = file(Outcome::Failed);
        file.suites[0].name = "s".to_owned();
        file.cases.push(Case {
            suite_index: 0,
            class_name: None,
            name: "a".to_owned(),
            outcome: Outcome::Failed,
            elapsed: Some(Elapsed::certain(1_499)),
            message: None,
            details: None,
            source: None,
        });
        let report = report(vec![file]);
        let case = &report.data.cases[0];
        assert_eq!((case.suite.as_str(), case.file.as_str()), ("s", "a.xml"));
        assert_eq!(
            (case.status, case.duration_ms),
            (TestStatus::Failed, Some(1))
        );
        assert_eq!(report.inputs[0].id, "a.xml");
    }
}
