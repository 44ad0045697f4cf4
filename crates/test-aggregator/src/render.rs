//! Shows a test report to people: what failed first, then everything else.

mod failures;
mod suites;

use common::render::{Cell, Document, Tone, findings};
use common::report::{Finding, Report, Severity, TestData, TestTotals, Verdict};
use common::units::{format_count, format_duration};

/// The report as a document.
pub(crate) fn document(report: &Report<TestData>) -> Document {
    let tone = match report.verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Fail => Tone::Bad,
        Verdict::Incomplete => Tone::Warning,
    };
    let document = Document::new()
        .paragraph(Cell::toned(summary(report), tone))
        .append(failures::failures(&report.data.cases))
        .append(suites::suites(&report.data.suites));
    if report.findings.is_empty() {
        return document;
    }
    document
        .heading("Findings")
        .append(findings(&report.findings))
}

/// The run in one sentence, such as `3 of 240 tests failed, 2 skipped, in 12.3 s over 8 files`.
fn summary(report: &Report<TestData>) -> String {
    let totals = &report.data.totals;
    let files = format_count(report.data.files.len() as u64, "file");
    if totals.case_count == 0 {
        return format!("no test was found in {files}");
    }
    let time = format_duration(totals.duration_ms);
    let sentence = format!("{}, in {time} over {files}", counts(totals));
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    match report.findings.iter().filter(is_error).count() as u64 {
        0 => sentence,
        count => {
            let errors = format_count(count, "error");
            format!("{sentence}; {errors} in the result files, see below")
        }
    }
}

fn counts(totals: &TestTotals) -> String {
    let all = format_count(totals.case_count, "test");
    let not_passed = [
        (totals.failed_count, "failed"),
        (totals.errored_count, "errored"),
        (totals.skipped_count, "skipped"),
    ];
    let mut counts: Vec<(u64, &str)> = not_passed.into();
    if totals.failed_count + totals.errored_count == 0 {
        counts.insert(0, (totals.passed_count, "passed"));
    }
    counts.retain(|(count, _)| *count > 0);
    let mut counts = counts.into_iter();
    let first = match counts.next() {
        Some((count, verb)) if count == totals.case_count => format!("{all} {verb}"),
        Some((count, verb)) => format!("{count} of {all} {verb}"),
        None => all,
    };
    let rest = counts.map(|(count, verb)| format!(", {count} {verb}"));
    [first].into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_begin_with_what_matters_most() {
        let text = |passed_count, failed_count, errored_count, skipped_count| {
            counts(&TestTotals {
                case_count: passed_count + failed_count + errored_count + skipped_count,
                passed_count,
                failed_count,
                errored_count,
                skipped_count,
                duration_ms: 0,
            })
        };
        assert_eq!(text(235, 3, 0, 2), "3 of 240 tests failed, 2 skipped");
        assert_eq!(text(1, 2, 1, 0), "2 of 4 tests failed, 1 errored");
        assert_eq!(text(1, 0, 1, 0), "1 of 2 tests errored");
        assert_eq!(text(2, 0, 0, 1), "2 of 3 tests passed, 1 skipped");
        assert_eq!(text(1, 0, 0, 0), "1 test passed");
        assert_eq!(text(0, 0, 0, 2), "2 tests skipped");
    }
}
