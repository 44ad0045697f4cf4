//! Reports between the tools: passed on, refused, rendered, and described by schemas.

use serde_json::{Value, json};
use tests::report::{assert_valid, parse_lines, schema};
use tests::tool::{Tool, workspace_dir};

/// Each kind, and the tool that shows it.
const KINDS: [(&str, &str); 10] = [
    ("build", "build-orchestrator"),
    ("plan", "build-orchestrator"),
    ("layer", "layer-analyzer"),
    ("cache", "cache-optimizer"),
    ("test", "test-aggregator"),
    ("difference", "layer-analyzer"),
    ("rebuild", "cache-optimizer"),
    ("prune", "cache-optimizer"),
    ("verification", "cache-optimizer"),
    ("cache-setup", "cache-optimizer"),
];

fn fixture(kind: &str) -> String {
    let path = workspace_dir().join(format!("tests/fixtures/reports/v1/{kind}.json"));
    fs_err::read_to_string(path).unwrap()
}

#[test]
fn schemas_are_valid_and_saved_reports_follow_them() {
    for (kind, _) in KINDS {
        assert!(jsonschema::meta::is_valid(&schema(kind)), "{kind}");
        assert_valid(&serde_json::from_str(&fixture(kind)).unwrap());
    }
}

#[test]
fn the_first_reports_ever_are_read_and_follow_the_schema() {
    for (kind, tool, shown) in [
        ("build", "build-orchestrator", "RUN make"),
        ("plan", "build-orchestrator", "runtime"),
        ("layer", "layer-analyzer", "COPY a /a"),
        ("cache", "cache-optimizer", "src/main.c"),
    ] {
        let path = format!("tests/fixtures/reports/v1.0/{kind}.json");
        let text = fs_err::read_to_string(workspace_dir().join(&path)).unwrap();
        assert_valid(&serde_json::from_str(&text).unwrap());
        let args = format!("render --format table {path}");
        let view = Tool::new(tool).args(&args).run().expect_exit(0);
        assert!(view.contains(shown), "{kind}:\n{view}");
    }
}

#[test]
fn a_schema_refuses_what_is_not_its_report() {
    let mut report: Value = serde_json::from_str(&fixture("layer")).unwrap();
    let validator = jsonschema::validator_for(&schema("layer")).unwrap();
    assert!(validator.is_valid(&report));
    report["data"]["images"][0]["size_bytes"] = json!("3 kB");
    assert!(!validator.is_valid(&report));
    let build: Value = serde_json::from_str(&fixture("build")).unwrap();
    assert!(!validator.is_valid(&build));
}

#[test]
fn a_saved_report_is_read_back_without_loss() {
    for (kind, tool) in KINDS {
        let args = format!("render --format json tests/fixtures/reports/v1/{kind}.json");
        let line = Tool::new(tool).args(&args).run().expect_exit(0);
        let saved: Value = serde_json::from_str(&fixture(kind)).unwrap();
        assert_eq!(parse_lines(&line), [saved], "{kind}");
    }
}

#[test]
fn every_view_shows_a_saved_report() {
    let shown = [
        ("build", "RUN make"),
        ("plan", "runtime"),
        ("layer", "COPY a /a"),
        ("cache", "src/main.c"),
        ("test", "expected 2, got 3"),
        ("difference", "mode 644, now 755"),
        ("rebuild", "it did in 2 of 3 builds"),
        ("prune", "app/build: RUN make"),
        ("verification", "copy-before-install in line 3"),
        ("cache-setup", "app/build: RUN make deps"),
    ];
    for ((kind, tool), (_, text)) in KINDS.into_iter().zip(shown) {
        for format in ["table", "markdown"] {
            let args = format!("render --format {format} tests/fixtures/reports/v1/{kind}.json");
            let view = Tool::new(tool).args(&args).run().expect_exit(0);
            assert!(view.contains(text), "{kind} as {format}:\n{view}");
        }
    }
}

#[test]
fn a_view_without_a_report_of_its_kind_says_what_there_was() {
    let finished = Tool::new("layer-analyzer")
        .args("render")
        .stdin(fixture("test"))
        .run();
    assert!(finished.stderr.contains("layer"), "{}", finished.stderr);
    assert_eq!(finished.expect_exit(2), "");
}

/// The JSON Lines form of a report that was saved pretty-printed.
fn line(kind: &str) -> String {
    let report: Value = serde_json::from_str(&fixture(kind)).unwrap();
    format!("{report}\n")
}

const AGGREGATE: &str = "aggregate tests/fixtures/junit/passed.xml";

#[test]
fn every_report_is_passed_on_unchanged_also_of_unknown_kinds() {
    let future = r#"{"schema":"urn:lucid:report/sbom/3.1","tool":{"name":"x","version":"9"},"id":"sha256:0","created_at":"2030-01-01T00:00:00Z","verdict":"pass","inputs":[],"findings":[],"data":{"b":1.50,"a":[ 1 ]}}"#;
    let received = format!("{}{future}\n{}", line("build"), line("layer"));
    let written = Tool::new("test-aggregator")
        .args(AGGREGATE)
        .stdin(received.clone())
        .run();
    let written = written.expect_exit(0);
    assert!(written.starts_with(&received));
    assert_eq!(written[received.len()..].lines().count(), 1);

    let only = Tool::new("test-aggregator")
        .args(AGGREGATE)
        .args("--only")
        .stdin(received)
        .run();
    assert_eq!(only.expect_exit(0).lines().count(), 1);
}

#[test]
fn a_report_cut_in_half_is_refused_with_its_byte_offset() {
    let whole = line("build");
    let half = &whole[..whole.len() / 2];
    for (tool, args) in [
        ("layer-analyzer", "analyze"),
        ("cache-optimizer", "analyze"),
        ("test-aggregator", AGGREGATE),
    ] {
        let finished = Tool::new(tool).args(args).stdin(half).run();
        let expected = format!("standard input is cut off at byte {}", half.len());
        assert!(
            finished.stderr.contains(&expected),
            "{tool}: {}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "", "{tool}");
    }
}

#[test]
fn a_report_of_a_newer_major_is_refused_by_name_where_it_is_needed() {
    let newer = line("build").replace("report/build/1.3", "report/build/2.0");
    for (tool, args) in [
        ("layer-analyzer", "analyze"),
        ("cache-optimizer", "analyze"),
    ] {
        let finished = Tool::new(tool).args(args).stdin(newer.clone()).run();
        assert!(
            finished.stderr.contains("urn:lucid:report/build/2.0"),
            "{tool}: {}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "", "{tool}");
    }
}

#[test]
fn a_newer_minor_is_read_and_what_it_adds_is_ignored() {
    let newer = line("test")
        .replace("report/test/1.0", "report/test/1.9")
        .replace("\"totals\"", "\"added_later\":{\"x\":1},\"totals\"");
    let table = Tool::new("test-aggregator")
        .args("render --format table")
        .stdin(newer)
        .run();
    assert!(table.expect_exit(0).contains("expected 2, got 3"));
}

#[test]
fn equal_input_gives_equal_bytes_when_the_time_is_pinned() {
    let report = || {
        let tool = Tool::new("test-aggregator").args(AGGREGATE);
        tool.env("SOURCE_DATE_EPOCH", "1700000000")
            .run()
            .expect_exit(0)
    };
    assert_eq!(report(), report());
    assert_eq!(
        parse_lines(&report())[0]["created_at"],
        "2023-11-14T22:13:20.000Z"
    );
}
