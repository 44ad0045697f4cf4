//! Findings as paragraphs: their sentences are too long for the columns of a table.

use super::{Cell, Document, Tone};
use crate::report::{Finding, Saving, Severity};
use crate::units::{format_bytes, format_count, format_duration};

/// How many findings are shown.
///
/// Chosen: whoever mends fifty looks again; the report has them all.
const FINDINGS_MAX: usize = 50;

/// The findings, each with its place and, on a line of its own, what to do and what that saves.
pub fn findings(findings: &[Finding]) -> Document {
    let shown = findings.iter().take(FINDINGS_MAX);
    let document = shown.fold(Document::new(), |document, finding| {
        document.paragraph(paragraph(finding))
    });
    match findings.len().saturating_sub(FINDINGS_MAX) {
        0 => document,
        omitted => document.paragraph(format!("{} more", format_count(omitted as u64, "finding"))),
    }
}

fn paragraph(finding: &Finding) -> Cell {
    let (word, tone) = match finding.severity {
        Severity::Error => ("error", Tone::Bad),
        Severity::Warning => ("warning", Tone::Warning),
        Severity::Note => ("note", Tone::Plain),
    };
    let place = finding.location.as_ref().map(|place| format!("{place}: "));
    let subject = finding
        .subject
        .as_ref()
        .map(|subject| format!("{subject}: "));
    let mut text = format!(
        "{word}: {}{}{} [{}]",
        place.unwrap_or_default(),
        subject.unwrap_or_default(),
        finding.message,
        finding.rule
    );
    let advice = finding.advice.iter().cloned();
    let saving = finding.saving.and_then(saving);
    let rest: Vec<String> = advice.chain(saving).collect();
    if !rest.is_empty() {
        text.push_str("\n  ");
        text.push_str(&rest.join(", "));
    }
    Cell::toned(text, tone)
}

fn saving(saving: Saving) -> Option<String> {
    let parts = [
        saving.duration_ms.map(format_duration),
        saving.size_bytes.map(format_bytes),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("which saves {}", parts.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::table::{Width, write};
    use crate::report::Location;

    fn finding() -> Finding {
        Finding {
            rule: "too-early".to_owned(),
            severity: Severity::Warning,
            message: "it comes too early".to_owned(),
            advice: Some("move it".to_owned()),
            location: Some(Location {
                path: "a/Dockerfile".to_owned(),
                line: 7,
            }),
            subject: None,
            saving: None,
        }
    }

    fn shown(finding: Finding) -> String {
        write(&findings(&[finding]), Width::Unlimited, false)
    }

    #[test]
    fn a_finding_says_where_what_and_what_to_do() {
        let expected = "warning: a/Dockerfile:7: it comes too early [too-early]\n  move it\n";
        assert_eq!(shown(finding()), expected);
    }

    #[test]
    fn a_finding_without_a_place_names_its_subject() {
        let finding = Finding {
            severity: Severity::Error,
            location: None,
            subject: Some("app:1".to_owned()),
            advice: None,
            ..finding()
        };
        assert_eq!(
            shown(finding),
            "error: app:1: it comes too early [too-early]\n"
        );
    }

    #[test]
    fn a_saving_is_shown_as_far_as_it_was_measured() {
        let both = Saving {
            duration_ms: Some(2000),
            size_bytes: Some(3000),
        };
        let with = |saving| {
            shown(Finding {
                saving,
                ..finding()
            })
        };
        assert!(with(Some(both)).ends_with("move it, which saves 2.00 s and 3.00 kB\n"));
        assert!(with(Some(Saving::default())).ends_with("\n  move it\n"));
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let many = vec![finding(); FINDINGS_MAX + 2];
        let shown = write(&findings(&many), Width::Unlimited, false);
        assert!(shown.ends_with("2 findings more\n"), "{shown}");
    }
}
