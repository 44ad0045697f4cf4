//! Messages as BuildKit sends them, and what is told and kept of them.

use super::*;
use bollard_buildkit_proto::pb::{Position, Range, SourceInfo};
use std::time::{Duration, UNIX_EPOCH};

const START_S: i64 = 1000;

fn steps() -> Steps {
    let start = UNIX_EPOCH + Duration::from_secs(START_S.unsigned_abs());
    Steps::new(Clock::started_at(start))
}

#[expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]
fn time(ms: i64) -> Timestamp {
    Timestamp {
        seconds: START_S + ms / 1000,
        nanos: (ms % 1000 * 1_000_000) as i32,
    }
}

fn vertex(digest: &str, started: Option<i64>, completed: Option<i64>) -> proto::Vertex {
    proto::Vertex {
        digest: digest.to_owned(),
        name: format!("step {digest}"),
        started: started.map(time),
        completed: completed.map(time),
        ..proto::Vertex::default()
    }
}

fn log(digest: &str, msg: &[u8]) -> proto::VertexLog {
    proto::VertexLog {
        vertex: digest.to_owned(),
        stream: 1,
        msg: msg.to_vec(),
        ..proto::VertexLog::default()
    }
}

/// Takes in vertexes and output, and writes down what was told.
fn apply(steps: &mut Steps, vertexes: &[proto::Vertex], logs: &[proto::VertexLog]) -> Vec<String> {
    let mut told = Vec::new();
    let response = proto::StatusResponse {
        vertexes: vertexes.to_vec(),
        logs: logs.to_vec(),
        ..proto::StatusResponse::default()
    };
    steps.apply(&response, &mut |event| {
        told.push(format!("{} {:?}", event.number, event.progress));
    });
    told
}

fn interval(started_ms: u64, ended_ms: u64) -> Interval {
    Interval {
        started_ms,
        ended_ms,
    }
}

#[test]
fn repeated_messages_make_one_step_with_its_spans() {
    let mut steps = steps();
    let told = [
        apply(&mut steps, &[vertex("a", None, None)], &[]),
        apply(&mut steps, &[vertex("a", Some(10), None)], &[]),
        apply(&mut steps, &[vertex("a", Some(10), Some(30))], &[]),
        apply(&mut steps, &[vertex("a", Some(10), Some(30))], &[]),
        apply(&mut steps, &[vertex("a", Some(50), None)], &[]),
        apply(&mut steps, &[vertex("a", Some(50), Some(55))], &[]),
    ];
    let expected = [
        "1 Started",
        "1 Done { duration_ms: 20 }",
        "1 Started",
        "1 Done { duration_ms: 5 }",
    ];
    assert_eq!(told.concat(), expected);
    let vertexes = steps.finish(100);
    assert_eq!(vertexes.len(), 1);
    assert_eq!(vertexes[0].intervals, [interval(10, 30), interval(50, 55)]);
}

#[test]
fn a_step_from_the_cache_says_so_after_the_fact() {
    let mut steps = steps();
    let cached = proto::Vertex {
        cached: true,
        ..vertex("a", Some(10), Some(10))
    };
    assert!(apply(&mut steps, &[vertex("a", None, None)], &[]).is_empty());
    assert_eq!(apply(&mut steps, &[cached], &[]), ["1 Cached"]);
    assert!(steps.finish(100)[0].cached);
}

#[test]
fn only_the_failed_step_has_an_error() {
    let mut steps = steps();
    let with_error = |digest, error: &str| proto::Vertex {
        error: error.to_owned(),
        ..vertex(digest, Some(0), Some(7))
    };
    let told = apply(
        &mut steps,
        &[
            with_error("a", "exit code: 3"),
            with_error("b", "context canceled"),
        ],
        &[],
    );
    let expected = [
        "1 Started",
        "1 Failed { duration_ms: 7 }",
        "2 Started",
        "2 GivenUp",
    ];
    assert_eq!(told, expected);
    let vertexes = steps.finish(100);
    assert_eq!(vertexes[0].error.as_deref(), Some("exit code: 3"));
    assert_eq!(vertexes[1].error, None);
    assert_eq!((vertexes[0].is_ended, vertexes[1].is_ended), (true, false));
}

#[test]
fn lines_are_whole_however_the_output_is_cut() {
    let mut steps = steps();
    let euro = "€".as_bytes();
    let running = vertex("a", Some(0), None);
    let told = [
        apply(&mut steps, &[running], &[log("a", b"one\r\ntw")]),
        apply(&mut steps, &[], &[log("a", b"o\n1%\r99%\n")]),
        apply(&mut steps, &[], &[log("a", &euro[..1])]),
        apply(
            &mut steps,
            &[],
            &[log("a", &euro[1..]), log("a", b"\xff\n")],
        ),
        apply(
            &mut steps,
            &[vertex("a", Some(0), Some(1))],
            &[log("a", b"end")],
        ),
    ];
    let expected = [
        "1 Started",
        "1 Line(\"one\")",
        "1 Line(\"two\")",
        "1 Line(\"99%\")",
        "1 Line(\"€\u{fffd}\")",
        "1 Line(\"end\")",
        "1 Done { duration_ms: 1 }",
    ];
    assert_eq!(told.concat(), expected);
}

#[test]
fn the_last_lines_are_kept() {
    let mut steps = steps();
    let lines: Vec<_> = (1..=60).map(|number| number.to_string()).collect();
    let lines = lines.join("\n");
    apply(
        &mut steps,
        &[vertex("a", Some(0), None)],
        &[log("a", lines.as_bytes())],
    );
    let tail = &steps.finish(100)[0].log_tail;
    assert_eq!(tail.len(), 50);
    assert_eq!((tail[0].as_str(), tail[49].as_str()), ("11", "60"));
}

#[test]
fn a_step_that_was_still_running_ends_with_its_target() {
    let mut steps = steps();
    apply(&mut steps, &[vertex("a", Some(-5), None)], &[]);
    let vertex = &steps.finish(100)[0];
    assert_eq!(vertex.intervals, [interval(0, 100)]);
    assert!(!vertex.is_ended);
}

#[test]
fn transfers_are_told_as_a_sum_when_it_grows() {
    let mut steps = steps();
    let status = |id: &str, current, total| proto::VertexStatus {
        id: id.to_owned(),
        vertex: "a".to_owned(),
        current,
        total,
        ..proto::VertexStatus::default()
    };
    let mut told = Vec::new();
    let mut apply = |vertexes: &[proto::Vertex], statuses: &[proto::VertexStatus]| {
        let response = proto::StatusResponse {
            vertexes: vertexes.to_vec(),
            statuses: statuses.to_vec(),
            ..proto::StatusResponse::default()
        };
        steps.apply(&response, &mut |event| {
            told.push(format!("{:?}", event.progress));
        });
    };
    apply(&[vertex("a", Some(0), None)], &[status("layer 1", 10, 100)]);
    apply(&[], &[status("layer 2", 5, 50), status("unpacking", 0, 0)]);
    apply(&[], &[status("layer 1", 10, 100)]);
    apply(&[], &[status("context", 7, 0)]);
    let expected = [
        "Started",
        "Transfer { current_bytes: 10, total_bytes: Some(100) }",
        "Transfer { current_bytes: 15, total_bytes: Some(150) }",
        "Transfer { current_bytes: 22, total_bytes: None }",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_warning_of_the_frontend_is_kept_with_file_and_line() {
    let warning = proto::VertexWarning {
        vertex: "a".to_owned(),
        level: 1,
        short: b"MaintainerDeprecated: use a label".to_vec(),
        detail: vec![b"MAINTAINER is deprecated".to_vec()],
        url: "https://docs.docker.com/go/x/".to_owned(),
        info: Some(SourceInfo {
            filename: "Dockerfile".to_owned(),
            ..SourceInfo::default()
        }),
        ranges: vec![Range {
            start: Some(Position {
                line: 3,
                character: 0,
            }),
            end: None,
        }],
    };
    let response = proto::StatusResponse {
        warnings: vec![warning.clone(), warning],
        ..proto::StatusResponse::default()
    };
    let mut steps = steps();
    let mut told_count = 0;
    steps.apply(&response, &mut |_| told_count += 1);
    let expected = Warning {
        kind: WarningKind::Frontend,
        message: "MaintainerDeprecated: use a label".to_owned(),
        detail: vec!["MAINTAINER is deprecated".to_owned()],
        url: Some("https://docs.docker.com/go/x/".to_owned()),
        file: Some("Dockerfile".to_owned()),
        line: Some(3),
    };
    assert_eq!(told_count, 1, "the same warning is told once");
    assert_eq!(steps.take_warnings(), [expected]);
}

#[test]
fn output_that_the_builder_drops_is_warned_of() {
    let mut steps = steps();
    let told = apply(
        &mut steps,
        &[vertex("a", Some(0), None)],
        &[log("a", b"x\n[output clipped, log limit 1MiB reached]\n")],
    );
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[3].contains("OutputClipped"), "{told:?}");
    let warnings = steps.take_warnings();
    let expected = "`step a` printed more than the builder passes on: \
                    [output clipped, log limit 1MiB reached]";
    assert_eq!(warnings[0].message, expected);
}
