//! The cases that failed, each with what its runner said.

use common::render::{Cell, Document, Tone};
use common::report::{TestCase, TestStatus};
use common::units::format_count;
use std::borrow::Cow;

/// Chosen: who has more failures than this has one cause, or looks into the report.
const FAILURES_MAX: usize = 10;

/// Chosen: a stack trace shows its cause at the top, and ten of these fill few screens.
const DETAILS_LINES_MAX: usize = 20;

/// Chosen: what is longer than four lines of a terminal is dumped data.
const LINE_CHARS_MAX: usize = 320;

/// Shows the first failures in full.
pub(super) fn failures(cases: &[TestCase]) -> Document {
    let is_failure = |case: &&TestCase| case.status != TestStatus::Skipped;
    let failures: Vec<&TestCase> = cases.iter().filter(is_failure).collect();
    let mut document = Document::new();
    if failures.is_empty() {
        return document;
    }
    document = document.heading("Failures");
    for case in failures.iter().take(FAILURES_MAX) {
        document = document.append(failure(case));
    }
    match failures.len().saturating_sub(FAILURES_MAX) {
        0 => document,
        more => document.paragraph(format!(
            "{} left out here; the report lists them all",
            format_count(more as u64, "failure")
        )),
    }
}

fn failure(case: &TestCase) -> Document {
    let verb = match case.status {
        TestStatus::Errored => "errored",
        _ => "failed",
    };
    let title = format!("{verb}: {}", full_name(case));
    let mut document = Document::new().paragraph(Cell::toned(title, Tone::Bad));
    if let Some(message) = &case.message {
        document = document.paragraph(message.as_str());
    }
    document = document.paragraph(place(case));
    match &case.details {
        Some(details) => document.preformatted(first_lines(details)),
        None => document,
    }
}

/// Suite, class and name; what is missing or repeats the suite is left out.
fn full_name(case: &TestCase) -> String {
    let class_name = case
        .class_name
        .as_deref()
        .filter(|class| *class != case.suite);
    let name = Some(case.name.as_str()).filter(|name| !name.is_empty());
    let parts = [
        Some(case.suite.as_str()).filter(|suite| !suite.is_empty()),
        class_name,
        Some(name.unwrap_or("(no name)")),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(" > ")
}

fn place(case: &TestCase) -> String {
    let source = case.source.as_ref().map(|source| match source.line {
        Some(line) => format!("at {}:{line}, ", source.path),
        None => format!("at {}, ", source.path),
    });
    format!("{}in {}", source.unwrap_or_default(), case.file)
}

fn first_lines(details: &str) -> String {
    let count = details.lines().count();
    let lines = details.lines().take(DETAILS_LINES_MAX).map(first_chars);
    let more = match count.saturating_sub(DETAILS_LINES_MAX) {
        0 => None,
        more => Some(format!("[{} more]", format_count(more as u64, "line")).into()),
    };
    let lines: Vec<Cow<'_, str>> = lines.chain(more).collect();
    lines.join("\n")
}

fn first_chars(line: &str) -> Cow<'_, str> {
    match line.char_indices().nth(LINE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]).into(),
        None => line.into(),
    }
}

#[cfg(test)]
mod tests {
    use common::render::table::{Width, write};

    use super::*;

    fn case(name: &str) -> TestCase {
        TestCase {
            suite: "cart".to_owned(),
            class_name: Some("cart".to_owned()),
            name: name.to_owned(),
            status: TestStatus::Failed,
            duration_ms: None,
            message: Some("expected 22, got 21".to_owned()),
            details: Some("trace".to_owned()),
            source: None,
            file: "a.xml".to_owned(),
        }
    }

    fn shown(cases: &[TestCase]) -> String {
        write(&failures(cases), Width::Unlimited, false)
    }

    #[test]
    fn a_failure_shows_its_name_reason_place_and_text() {
        let expected = "\
Failures

failed: cart > prices

expected 22, got 21

in a.xml

  trace
";
        assert_eq!(shown(&[case("prices")]), expected);
    }

    #[test]
    fn long_text_and_many_failures_are_left_out_and_counted() {
        let mut cases = vec![case("prices"); 12];
        cases[0].details = Some("line\n".repeat(25));
        let shown = shown(&cases);
        assert_eq!(shown.matches("  line\n").count(), 20);
        assert!(shown.contains("[5 lines more]"), "{shown}");
        assert_eq!(shown.matches("failed: ").count(), 10);
        assert!(shown.ends_with("2 failures left out here; the report lists them all\n"));
    }

    #[test]
    fn a_long_line_is_cut() {
        assert_eq!(first_lines(&"é".repeat(320)), "é".repeat(320));
        let cut = format!("{}…\nb", "é".repeat(320));
        assert_eq!(first_lines(&format!("{}\nb", "é".repeat(321))), cut);
    }

    #[test]
    fn skipped_cases_are_no_failures() {
        let mut skipped = case("prints");
        skipped.status = TestStatus::Skipped;
        assert_eq!(shown(&[skipped]), "\n");
    }
}
