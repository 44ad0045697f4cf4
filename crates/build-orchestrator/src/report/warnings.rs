//! What the builder warns of, as findings.

use common::report::{Finding, Location, Severity};

use crate::model::outcome::{TargetOutcome, Warning, WarningKind};
use crate::model::plan::Target;

/// A finding for each warning of a target.
pub(super) fn warnings(target: &Target, outcome: &TargetOutcome) -> Vec<Finding> {
    let found = |warning| finding(target, warning);
    outcome.warnings.iter().map(found).collect()
}

fn finding(target: &Target, warning: &Warning) -> Finding {
    let rule = match warning.kind {
        WarningKind::Frontend => "frontend-warning",
        WarningKind::OutputClipped => "output-clipped",
    };
    let advice: Vec<String> = warning.detail.iter().chain(&warning.url).cloned().collect();
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Warning,
        message: warning.message.clone(),
        advice: (!advice.is_empty()).then(|| advice.join(", ")),
        location: warning.line.map(|line| Location {
            path: target.dockerfile_path.display().to_string(),
            line,
        }),
        subject: Some(target.name.clone()),
        saving: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Status;

    #[test]
    fn a_warning_points_to_its_line_and_to_where_it_is_explained() {
        let target = Target::sample("app", "FROM scratch\nMAINTAINER me\n");
        let mut outcome = TargetOutcome::not_started(Status::Built);
        outcome.warnings.push(Warning {
            kind: WarningKind::Frontend,
            message: "MAINTAINER is deprecated".to_owned(),
            detail: vec!["use a label".to_owned()],
            url: Some("https://x".to_owned()),
            file: None,
            line: Some(2),
        });
        let found = warnings(&target, &outcome).remove(0);
        assert_eq!(found.rule, "frontend-warning");
        assert_eq!(found.location.unwrap().line, 2);
        assert_eq!(found.advice.as_deref(), Some("use a label, https://x"));
    }
}
