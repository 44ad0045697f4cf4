//! Events for programs, one JSON object a line.

use common::report::{BuildEvent, BuildEventKind, TargetStatus};
use common::terminal::Printer;
use std::time::Instant;

use crate::execute::event::{Event, StepEvent, StepProgress, What};
use crate::model::outcome::Status;

/// A stream of events.
pub(super) struct Json {
    start: Instant,
}

impl Json {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    pub(super) fn show(&self, event: &Event<'_>, printer: &Printer) {
        let at_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        printer.event(&BuildEvent {
            at_ms,
            target: event.target.to_owned(),
            what: kind(event.what),
        });
    }
}

fn kind(what: What<'_>) -> BuildEventKind {
    match what {
        What::Started => BuildEventKind::TargetStarted,
        What::Step(step) => step_kind(&step),
        What::Note(message) => BuildEventKind::Note {
            message: message.to_owned(),
        },
        What::Warning(message) => BuildEventKind::Warning {
            message: message.to_owned(),
            file: None,
            line: None,
            url: None,
        },
        What::Finished(outcome) => BuildEventKind::TargetFinished {
            status: match outcome.status {
                Status::Built => TargetStatus::Built,
                Status::Failed => TargetStatus::Failed,
                Status::Skipped => TargetStatus::Skipped,
                Status::Cancelled => TargetStatus::Cancelled,
            },
            duration_ms: outcome.duration_ms,
            image: outcome.image.as_ref().map(|image| image.id.clone()),
            error: outcome.error.as_ref().map(|error| error.message.clone()),
        },
    }
}

fn step_kind(event: &StepEvent<'_>) -> BuildEventKind {
    let step = u32::try_from(event.number).unwrap_or(u32::MAX);
    let name = event.name.to_owned();
    match event.progress {
        StepProgress::Started => BuildEventKind::StepStarted { step, name },
        StepProgress::Line(line) => BuildEventKind::StepLog {
            step,
            text: line.to_owned(),
        },
        StepProgress::Transfer {
            current_bytes,
            total_bytes,
        } => BuildEventKind::StepProgress {
            step,
            current_bytes,
            total_bytes,
        },
        StepProgress::Warning(warning) => BuildEventKind::Warning {
            message: warning.message.clone(),
            file: warning.file.clone(),
            line: warning.line,
            url: warning.url.clone(),
        },
        StepProgress::Cached => BuildEventKind::StepCached { step, name },
        StepProgress::Done { duration_ms } => BuildEventKind::StepDone {
            step,
            name,
            duration_ms,
        },
        StepProgress::Failed { duration_ms } => BuildEventKind::StepFailed {
            step,
            name,
            duration_ms,
        },
        StepProgress::GivenUp => BuildEventKind::StepGivenUp { step, name },
    }
}
