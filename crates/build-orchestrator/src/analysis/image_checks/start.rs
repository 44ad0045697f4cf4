//! Whether a container of an image starts and gets healthy.

use common::units::format_duration;

use super::{check, fault};
use crate::model::check::{Check, Outcome, Severity};
use crate::model::contract::{StartTerm, Terms};
use crate::model::image::{BuiltImage, StartState, Started};

pub(super) fn checks(image: &BuiltImage, start: Option<&Started>, terms: &Terms) -> [Check; 2] {
    let (started, healthy) = match start {
        None => (Outcome::Skipped, Outcome::Skipped),
        Some(start) => outcomes(image, start, terms.start.unwrap_or_default()),
    };
    [
        check("start-failed", started),
        check("health-check-failed", healthy),
    ]
}

fn outcomes(image: &BuiltImage, start: &Started, term: StartTerm) -> (Outcome, Outcome) {
    let after = format_duration(start.duration_ms);
    let message = match &start.state {
        StartState::Healthy => return (Outcome::Passed, Outcome::Passed),
        StartState::Unhealthy => {
            let message = format!("its health check did not pass within {after}");
            return (Outcome::Passed, failed(message, start, &["HEALTHCHECK"]));
        }
        StartState::Running if term != StartTerm::ExitZero => {
            return (Outcome::Passed, Outcome::Skipped);
        }
        StartState::Exited(0) if term == StartTerm::ExitZero || !image.has_health_check => {
            return (Outcome::Passed, Outcome::Skipped);
        }
        StartState::Running => {
            format!("it still runs after {after}, but its contract says `exit-0`")
        }
        StartState::Exited(0) => format!("it ended after {after}, before its health check passed"),
        StartState::Exited(code) => format!("it ended after {after} with exit code {code}"),
        StartState::Refused(reason) => format!("the Engine cannot start it: {reason}"),
    };
    (
        failed(message, start, &["ENTRYPOINT", "CMD"]),
        Outcome::Skipped,
    )
}

/// A fault with the last line that the container printed; the report has more of them.
fn failed(message: String, start: &Started, place: &'static [&'static str]) -> Outcome {
    let message = match start
        .log_tail
        .iter()
        .rev()
        .find(|line| !line.trim().is_empty())
    {
        Some(line) => format!("{message}; its last line is `{}`", line.trim()),
        None => message,
    };
    Outcome::Failed(vec![fault(Severity::Error, message).at(place)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(state: StartState, has_health_check: bool, term: StartTerm) -> [Option<String>; 2] {
        let image = BuiltImage {
            has_health_check,
            ..BuiltImage::default()
        };
        let start = Started {
            state,
            duration_ms: 2000,
            log_tail: vec!["no such table".to_owned(), " ".to_owned()],
        };
        let terms = Terms {
            start: Some(term),
            ..Terms::default()
        };
        checks(&image, Some(&start), &terms).map(|check| match check.outcome {
            Outcome::Failed(faults) => Some(faults[0].message.clone()),
            _ => None,
        })
    }

    #[test]
    fn running_or_ending_well_is_a_start() {
        for state in [StartState::Running, StartState::Exited(0)] {
            assert_eq!(broken(state, false, StartTerm::Start), [None, None]);
        }
        assert_eq!(
            broken(StartState::Healthy, true, StartTerm::Start),
            [None, None]
        );
        assert_eq!(
            broken(StartState::Exited(0), true, StartTerm::ExitZero),
            [None, None]
        );
    }

    #[test]
    fn a_bad_end_comes_with_the_last_line() {
        let [start, _] = broken(StartState::Exited(3), false, StartTerm::Start);
        let expected = "it ended after 2.00 s with exit code 3; its last line is `no such table`";
        assert_eq!(start.unwrap(), expected);
    }

    #[test]
    fn a_service_has_to_get_healthy() {
        let [start, health] = broken(StartState::Unhealthy, true, StartTerm::Start);
        assert_eq!(start, None);
        assert!(
            health
                .unwrap()
                .starts_with("its health check did not pass within 2.00 s")
        );
        let [start, _] = broken(StartState::Exited(0), true, StartTerm::Start);
        assert!(start.unwrap().starts_with("it ended after 2.00 s, before"));
    }

    #[test]
    fn what_promises_to_end_has_to_end() {
        let [start, _] = broken(StartState::Running, false, StartTerm::ExitZero);
        assert!(start.unwrap().starts_with("it still runs after 2.00 s"));
    }
}
