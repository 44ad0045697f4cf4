//! Keeps secret values from getting out of this room: into the display, a log or a report.

use super::event::{StepEvent, StepProgress};
use crate::model::outcome::{TargetError, Vertex, Warning};
use crate::model::secrets::Secrets;

/// Tells an event without secret values.
pub(super) fn tell(secrets: &Secrets, event: StepEvent<'_>, tell: impl FnOnce(StepEvent<'_>)) {
    let name = &secrets.redact(event.name);
    match event.progress {
        StepProgress::Line(line) => {
            let progress = StepProgress::Line(&secrets.redact(line));
            tell(StepEvent {
                name,
                progress,
                ..event
            });
        }
        StepProgress::Warning(found) => {
            let progress = StepProgress::Warning(&warning(secrets, found));
            tell(StepEvent {
                name,
                progress,
                ..event
            });
        }
        progress => tell(StepEvent {
            name,
            progress,
            ..event
        }),
    }
}

/// A warning without secret values.
pub(super) fn warning(secrets: &Secrets, warning: &Warning) -> Warning {
    let redact = |text: &String| secrets.redact(text).into_owned();
    Warning {
        message: redact(&warning.message),
        detail: warning.detail.iter().map(redact).collect(),
        ..warning.clone()
    }
}

/// A vertex without secret values.
pub(super) fn vertex(secrets: &Secrets, vertex: Vertex) -> Vertex {
    let redact = |text: &String| secrets.redact(text).into_owned();
    Vertex {
        name: redact(&vertex.name),
        error: vertex.error.as_ref().map(redact),
        log_tail: vertex.log_tail.iter().map(redact).collect(),
        ..vertex
    }
}

/// An error without secret values.
pub(super) fn error(secrets: &Secrets, error: &TargetError) -> TargetError {
    TargetError {
        message: secrets.redact(&error.message).into_owned(),
        kind: error.kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::TargetErrorKind;
    use std::collections::BTreeMap;

    fn secrets() -> Secrets {
        let arg = ("NPM_TOKEN".to_owned(), "hunter22".to_owned());
        Secrets::of(&BTreeMap::from([arg]))
    }

    #[test]
    fn events_are_told_without_secrets() {
        let mut told = Vec::new();
        for progress in [StepProgress::Line("it is hunter22"), StepProgress::Started] {
            let name = "RUN login hunter22";
            let event = StepEvent {
                number: 1,
                name,
                progress,
            };
            tell(&secrets(), event, |event| told.push(format!("{event:?}")));
        }
        assert!(told[0].contains("it is <redacted>"), "{told:?}");
        assert!(!told.concat().contains("hunter22"), "{told:?}");
    }

    #[test]
    fn what_is_recorded_holds_no_secrets() {
        let recorded = Vertex {
            name: "RUN login hunter22".to_owned(),
            error: Some("login hunter22: exit code: 1".to_owned()),
            log_tail: vec!["hunter22".to_owned(), "done".to_owned()],
            ..Vertex::default()
        };
        let recorded = vertex(&secrets(), recorded);
        assert_eq!(recorded.name, "RUN login <redacted>");
        assert_eq!(
            recorded.error.as_deref(),
            Some("login <redacted>: exit code: 1")
        );
        assert_eq!(recorded.log_tail, ["<redacted>", "done"]);
        let kind = TargetErrorKind::Build;
        let message = "failed: login hunter22".to_owned();
        let failed = error(&secrets(), &TargetError { kind, message });
        assert_eq!(failed.message, "failed: login <redacted>");
    }
}
