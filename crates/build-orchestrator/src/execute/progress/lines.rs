//! How events read, for all displays that people look at.

use common::units::{format_bytes, format_count, format_duration};

use crate::execute::event::StepProgress;
use crate::model::outcome::{Status, TargetOutcome, Vertex, Warning};

/// What happened to a step, without its name. `None` for what has no line of its own.
pub(super) fn step_line(progress: StepProgress<'_>) -> Option<String> {
    Some(match progress {
        StepProgress::Started | StepProgress::Transfer { .. } => return None,
        StepProgress::Line(line) => format!("| {line}"),
        StepProgress::Warning(warning) => format!("WARNING {}", warning_text(warning)),
        StepProgress::Cached => "CACHED".to_owned(),
        StepProgress::Done { duration_ms } => format!("DONE {}", format_duration(duration_ms)),
        StepProgress::Failed { duration_ms } => format!("FAILED {}", format_duration(duration_ms)),
        StepProgress::GivenUp => "GIVEN UP".to_owned(),
    })
}

/// A warning with its place and where it is explained.
pub(super) fn warning_text(warning: &Warning) -> String {
    let place = match (&warning.file, warning.line) {
        (Some(file), Some(line)) => format!("{file}:{line}: "),
        (Some(file), None) => format!("{file}: "),
        (None, _) => String::new(),
    };
    let url = warning.url.as_ref().map(|url| format!(" ({url})"));
    format!("{place}{}{}", warning.message, url.unwrap_or_default())
}

/// How far a transfer is.
pub(super) fn transfer_text(current_bytes: u64, total_bytes: Option<u64>) -> String {
    match total_bytes {
        Some(total) => format!("{} / {}", format_bytes(current_bytes), format_bytes(total)),
        None => format_bytes(current_bytes),
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
    [Some(verb.to_owned()), after, cached(&outcome.vertexes), why]
        .into_iter()
        .flatten()
        .collect()
}

fn cached(vertexes: &[Vertex]) -> Option<String> {
    let steps = || {
        vertexes
            .iter()
            .filter(|vertex| is_instruction(&vertex.name))
    };
    let count = steps().count() as u64;
    let cached = steps().filter(|vertex| vertex.cached).count();
    (count > 0).then(|| format!(", {cached} of {} cached", format_count(count, "step")))
}

/// Whether a name is that of an instruction that can come from the cache: `[stage 1/2] RUN …`.
/// Source: research/build.md section 2, which cites buildx's util/progress/metricwriter.go
fn is_instruction(name: &str) -> bool {
    let after = name
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "));
    after.is_some_and(|(stage, rest)| stage.contains('/') && !rest.starts_with("FROM "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::WarningKind;

    fn vertex(name: &str, error: Option<&str>) -> Vertex {
        Vertex {
            name: name.to_owned(),
            error: error.map(str::to_owned),
            log_tail: vec!["cc: not found".to_owned()],
            ..Vertex::default()
        }
    }

    #[test]
    fn a_failure_is_shown_with_its_last_output() {
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
    fn a_target_is_one_line_with_its_time_and_what_came_from_the_cache() {
        let mut copy = vertex("[b 2/3] COPY a a", None);
        copy.cached = true;
        let outcome = TargetOutcome {
            duration_ms: Some(1250),
            vertexes: vec![
                vertex("[internal] load build context", None),
                vertex("[b 1/3] FROM docker.io/library/alpine", None),
                copy,
                vertex("[b 3/3] RUN make", None),
                vertex("exporting to image", None),
            ],
            ..TargetOutcome::not_started(Status::Built)
        };
        let expected = "built after 1.25 s, 1 of 2 steps cached";
        assert_eq!(target_line(&outcome), expected);
    }

    #[test]
    fn what_happens_to_a_step_is_a_line() {
        let line = |progress| step_line(progress).unwrap_or_default();
        assert_eq!(line(StepProgress::Started), "");
        assert_eq!(line(StepProgress::Line("cc a.c")), "| cc a.c");
        assert_eq!(line(StepProgress::Cached), "CACHED");
        assert_eq!(
            line(StepProgress::Done { duration_ms: 1250 }),
            "DONE 1.25 s"
        );
        assert_eq!(line(StepProgress::Failed { duration_ms: 8 }), "FAILED 8 ms");
        let warning = Warning {
            kind: WarningKind::Frontend,
            message: "use a label".to_owned(),
            detail: Vec::new(),
            url: Some("https://x".to_owned()),
            file: Some("Dockerfile".to_owned()),
            line: Some(3),
        };
        assert_eq!(
            line(StepProgress::Warning(&warning)),
            "WARNING Dockerfile:3: use a label (https://x)"
        );
    }
}
