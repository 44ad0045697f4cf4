//! The time in which a target did no work of its own.

use crate::model::outcome::{Interval, TargetOutcome, Vertex};

/// Milliseconds that a target lost, by cause.
#[expect(clippy::struct_field_names, reason = "units stand last")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LostTime {
    /// Waiting for the targets that it depends on.
    pub(crate) dependencies_ms: u64,
    /// Waiting for a free slot.
    pub(crate) slot_ms: u64,
    /// Sending the build context and fetching images.
    pub(crate) transfer_ms: u64,
    /// Writing and pushing the result.
    pub(crate) export_ms: u64,
}

/// What a target lost. Of a target whose readiness is not known, the waiting is not known either.
pub(crate) fn lost_time(outcome: &TargetOutcome) -> LostTime {
    let ready_ms = outcome.ready_ms;
    let slot = ready_ms.zip(outcome.started_ms);
    LostTime {
        dependencies_ms: ready_ms.unwrap_or_default(),
        slot_ms: slot.map_or(0, |(ready_ms, started_ms)| {
            started_ms.saturating_sub(ready_ms)
        }),
        transfer_ms: spent_ms(&outcome.vertexes, is_transfer),
        export_ms: spent_ms(&outcome.vertexes, is_export),
    }
}

/// Whether a vertex sends files to the builder or fetches an image. Of the latter's names there are
/// several, by version. Source: research/build.md section 3.2.
fn is_transfer(name: &str) -> bool {
    let work = name.split_once("] ").map_or(name, |(_, work)| work);
    [
        "load build context",
        "load remote build context",
        "load metadata for ",
        "resolve ",
        "FROM ",
    ]
    .iter()
    .any(|start| work.starts_with(start))
        || (work.starts_with("load ") && work.ends_with(" from client"))
}

fn is_export(name: &str) -> bool {
    name.starts_with("exporting ") || name.starts_with("pushing ")
}

fn spent_ms(vertexes: &[Vertex], is_counted: fn(&str) -> bool) -> u64 {
    let counted = vertexes
        .iter()
        .filter(|vertex| !vertex.cached && is_counted(&vertex.name));
    union_ms(counted.flat_map(|vertex| &vertex.intervals))
}

/// The length of all spans together, with no moment counted twice.
pub(super) fn union_ms<'a>(intervals: impl IntoIterator<Item = &'a Interval>) -> u64 {
    let mut sorted: Vec<&Interval> = intervals.into_iter().collect();
    sorted.sort_by_key(|interval| interval.started_ms);
    let mut total_ms = 0;
    let mut counted_until_ms = 0;
    for interval in sorted {
        let from_ms = interval.started_ms.max(counted_until_ms);
        total_ms += interval.ended_ms.saturating_sub(from_ms);
        counted_until_ms = counted_until_ms.max(interval.ended_ms);
    }
    total_ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Status;

    fn vertex(name: &str, span: (u64, u64)) -> Vertex {
        Vertex {
            name: name.to_owned(),
            intervals: vec![Interval {
                started_ms: span.0,
                ended_ms: span.1,
            }],
            ..Vertex::default()
        }
    }

    #[test]
    fn waiting_transfer_and_export_are_told_apart() {
        let mut cached = vertex("[b 1/2] FROM docker.io/library/debian@sha256:1", (500, 600));
        cached.cached = true;
        let outcome = TargetOutcome {
            ready_ms: Some(40),
            started_ms: Some(100),
            vertexes: vec![
                vertex(
                    "[internal] load build definition from Dockerfile",
                    (100, 110),
                ),
                vertex(
                    "[internal] load metadata for docker.io/library/debian",
                    (110, 150),
                ),
                vertex("[internal] load build context", (140, 170)),
                cached,
                vertex("[a 2/2] RUN make", (170, 300)),
                vertex("exporting to image", (300, 320)),
                vertex("exporting cache", (310, 325)),
            ],
            ..TargetOutcome::not_started(Status::Built)
        };
        let expected = LostTime {
            dependencies_ms: 40,
            slot_ms: 60,
            transfer_ms: 60,
            export_ms: 25,
        };
        assert_eq!(lost_time(&outcome), expected);
    }

    #[test]
    fn a_target_that_never_could_start_lost_nothing_of_its_own() {
        let outcome = TargetOutcome::not_started(Status::Skipped);
        assert_eq!(lost_time(&outcome), LostTime::default());
    }
}
