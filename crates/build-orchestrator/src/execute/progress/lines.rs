//! Events as lines, for logs that are kept.

use common::terminal::Printer;
use common::units::format_duration;

use crate::execute::event::{Event, StepEvent, StepProgress, What};
use crate::model::outcome::{Status, TargetOutcome};

/// Prints what an event says.
pub(super) fn show(event: &Event<'_>, printer: &Printer) {
    let target = event.target;
    match event.what {
        What::Started => {}
        What::Step(step) => printer.status(format_args!("[{target}] {}", step_line(&step))),
        What::Note(message) => printer.status(format_args!("[{target}] {message}")),
        What::Warning(message) => printer.warning(format_args!("[{target}] {message}")),
        What::Finished(outcome) => {
            printer.status(format_args!("[{target}] {}", target_line(outcome)));
        }
    }
}

fn step_line(step: &StepEvent<'_>) -> String {
    let StepEvent { number, name, .. } = step;
    match step.progress {
        StepProgress::Started => format!("#{number} START {name}"),
        StepProgress::Line(line) => format!("#{number} | {line}"),
        StepProgress::Cached => format!("#{number} CACHED {name}"),
        StepProgress::Done { duration_ms } => {
            format!("#{number} DONE {} {name}", format_duration(duration_ms))
        }
        StepProgress::Failed { duration_ms } => {
            format!("#{number} FAILED {} {name}", format_duration(duration_ms))
        }
        StepProgress::GivenUp => format!("#{number} GIVEN UP {name}"),
    }
}

/// What failed in a target, with its last output: for a display that has not shown it yet.
pub(super) fn failure_lines(outcome: &TargetOutcome) -> Vec<String> {
    let failed = outcome
        .vertexes
        .iter()
        .filter(|vertex| vertex.error.is_some());
    let lines = failed.flat_map(|vertex| {
        let head = format!("FAILED {}", vertex.name);
        let tail = vertex.log_tail.iter().map(|line| format!("| {line}"));
        std::iter::once(head).chain(tail)
    });
    lines.collect()
}

/// What became of a target.
pub(super) fn target_line(outcome: &TargetOutcome) -> String {
    let verb = match outcome.status {
        Status::Built => "built",
        Status::Failed => "failed",
        Status::Skipped => "skipped",
        Status::Cancelled => "cancelled",
    };
    let after = outcome
        .duration_ms
        .map(|duration_ms| format!(" after {}", format_duration(duration_ms)));
    let why = outcome
        .error
        .as_ref()
        .map(|error| format!(": {}", error.message));
    [Some(verb.to_owned()), after, why]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Vertex;

    #[test]
    fn a_failure_is_shown_with_its_last_output() {
        let vertex = |name: &str, error: Option<&str>| Vertex {
            name: name.to_owned(),
            error: error.map(str::to_owned),
            log_tail: vec!["cc: not found".to_owned()],
            ..Vertex::default()
        };
        let outcome = TargetOutcome {
            vertexes: vec![
                vertex("[b 1/2] COPY a a", None),
                vertex("[b 2/2] RUN make", Some("exit code: 2")),
            ],
            ..TargetOutcome::not_started(Status::Failed)
        };
        let expected = ["FAILED [b 2/2] RUN make", "| cc: not found"];
        assert_eq!(failure_lines(&outcome), expected);
    }

    #[test]
    fn a_step_is_one_line_for_each_thing_that_happens_to_it() {
        let line = |progress| {
            step_line(&StepEvent {
                number: 4,
                name: "[b 2/3] RUN make",
                progress,
            })
        };
        assert_eq!(line(StepProgress::Started), "#4 START [b 2/3] RUN make");
        assert_eq!(line(StepProgress::Line("cc a.c")), "#4 | cc a.c");
        assert_eq!(line(StepProgress::Cached), "#4 CACHED [b 2/3] RUN make");
        assert_eq!(
            line(StepProgress::Done { duration_ms: 1250 }),
            "#4 DONE 1.25 s [b 2/3] RUN make"
        );
        assert_eq!(
            line(StepProgress::Failed { duration_ms: 8 }),
            "#4 FAILED 8 ms [b 2/3] RUN make"
        );
    }
}
