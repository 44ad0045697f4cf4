//! The table of findings.

use common::render::Table;
use common::report::{Finding, Saving};
use common::units::{format_bytes, format_duration};

use super::place;

pub(super) fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new(["Place", "Rule", "Finding", "Advice", "Saves#"]);
    for finding in findings {
        table.row([
            place(finding.location.as_ref()).into(),
            finding.rule.as_str().into(),
            finding.message.as_str().into(),
            finding.advice.as_deref().unwrap_or("-").into(),
            saving(finding.saving).into(),
        ]);
    }
    table
}

fn saving(saving: Option<Saving>) -> String {
    let Saving {
        duration_ms,
        size_bytes,
    } = saving.unwrap_or_default();
    let parts = [
        duration_ms.map(format_duration),
        size_bytes.map(format_bytes),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "-".to_owned()
    } else {
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saving_is_shown_as_far_as_it_was_measured() {
        let both = Saving {
            duration_ms: Some(2000),
            size_bytes: Some(3000),
        };
        assert_eq!(saving(Some(both)), "2.00 s, 3.00 kB");
        assert_eq!(saving(Some(Saving::default())), "-");
        assert_eq!(saving(None), "-");
    }
}
