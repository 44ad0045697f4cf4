//! The suites as a table.

use common::render::{Cell, Document, Table, Tone};
use common::report::TestSuite;
use common::units::{format_count, format_duration};

/// Chosen: more rows than this are read by programs only.
const ROWS_MAX: usize = 50;

/// Lists the suites, those with failures first.
pub(super) fn suites(suites: &[TestSuite]) -> Document {
    let mut ordered: Vec<&TestSuite> = suites.iter().collect();
    ordered.sort_by_key(|suite| !has_failed(suite));
    let mut table = Table::new([
        "Suite", "Passed#", "Failed#", "Errored#", "Skipped#", "Time#",
    ]);
    for suite in ordered.iter().take(ROWS_MAX) {
        let totals = &suite.totals;
        table.row([
            suite_name(suite),
            totals.passed_count.to_string().into(),
            count(totals.failed_count, Tone::Bad),
            count(totals.errored_count, Tone::Bad),
            count(totals.skipped_count, Tone::Warning),
            format_duration(totals.duration_ms).into(),
        ]);
    }
    if suites.is_empty() {
        return Document::new();
    }
    let document = Document::new().heading("Suites").table(table);
    match suites.len().saturating_sub(ROWS_MAX) {
        0 => document,
        more => {
            let rows = format_count(more as u64, "row");
            document.paragraph(format!("{rows} left out here; the report has them all"))
        }
    }
}

fn has_failed(suite: &TestSuite) -> bool {
    suite.totals.failed_count + suite.totals.errored_count > 0
}

fn suite_name(suite: &TestSuite) -> Cell {
    match suite.name.as_str() {
        "" => "(no name)".into(),
        name => name.into(),
    }
}

fn count(count: u64, tone: Tone) -> Cell {
    match count {
        0 => "0".into(),
        _ => Cell::toned(count.to_string(), tone),
    }
}

#[cfg(test)]
mod tests {
    use common::render::table::{Width, write};
    use common::report::TestTotals;

    use super::*;

    fn suite(name: &str, failed_count: u64) -> TestSuite {
        TestSuite {
            name: name.to_owned(),
            totals: TestTotals {
                failed_count,
                ..TestTotals::default()
            },
        }
    }

    #[test]
    fn failing_suites_come_first_and_the_rest_is_counted() {
        let mut all: Vec<TestSuite> = (0..54).map(|i| suite(&format!("fine-{i:02}"), 0)).collect();
        all.push(suite("", 1));
        let shown = write(&suites(&all), Width::Unlimited, false);
        let rows: Vec<&str> = shown.lines().skip(4).map(str::trim).collect();
        assert!(rows[0].starts_with("(no name)"), "{shown}");
        assert!(rows[1].starts_with("fine-00"), "{shown}");
        assert!(shown.ends_with("5 rows left out here; the report has them all\n"));
    }
}
