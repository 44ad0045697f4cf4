//! Findings as paragraphs: their sentences are too long for the columns of a table.

use common::report::{Finding, Saving};
use common::units::{format_bytes, format_duration};

use super::place;

/// What was found and where, and on a line of its own what to do and what that saves.
pub(super) fn paragraph(finding: &Finding) -> String {
    let place = place(finding.location.as_ref());
    let mut text = format!("{place}: {} [{}]", finding.message, finding.rule);
    if let Some(advice) = &finding.advice {
        text.push_str("\n  ");
        text.push_str(advice);
    }
    if let Some(saving) = finding.saving.and_then(saving) {
        text.push_str(", which saves ");
        text.push_str(&saving);
    }
    text
}

fn saving(saving: Saving) -> Option<String> {
    let parts = [
        saving.duration_ms.map(format_duration),
        saving.size_bytes.map(format_bytes),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

#[cfg(test)]
mod tests {
    use common::report::{Location, Severity};

    use super::*;

    fn with_saving(saving: Option<Saving>) -> String {
        paragraph(&Finding {
            rule: "too-early".to_owned(),
            severity: Severity::Warning,
            message: "it comes too early".to_owned(),
            advice: Some("move it".to_owned()),
            location: Some(Location {
                path: "a/Dockerfile".to_owned(),
                line: 7,
            }),
            subject: None,
            saving,
        })
    }

    #[test]
    fn a_finding_says_where_what_and_what_to_do() {
        let expected = "a/Dockerfile:7: it comes too early [too-early]\n  move it";
        assert_eq!(with_saving(None), expected);
        assert_eq!(with_saving(Some(Saving::default())), expected);
    }

    #[test]
    fn a_saving_is_shown_as_far_as_it_was_measured() {
        let both = Saving {
            duration_ms: Some(2000),
            size_bytes: Some(3000),
        };
        assert!(with_saving(Some(both)).ends_with("move it, which saves 2.00 s and 3.00 kB"));
    }
}
