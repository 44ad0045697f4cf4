//! Graphs, traces and SARIF of saved reports.

use serde_json::{Value, json};
use tests::report::parse_lines;
use tests::tool::{Tool, workspace_dir};

const FIXTURES: &str = "tests/fixtures/reports/v1";

fn rendered(file: &str, format: &str) -> String {
    let args = format!("render --format {format} {FIXTURES}/{file}");
    Tool::new("build-orchestrator")
        .args(&args)
        .run()
        .expect_exit(0)
}

#[test]
fn a_plan_is_a_mermaid_flowchart() {
    let expected = r#"flowchart LR
  subgraph t0["runtime"]
    t0s0["stage-0 (line 1)"]
    t0s1["runtime (line 3)"]
  end
  t0s0 --> t0s1
  t0s0 -.-> t0s1
"#;
    assert_eq!(rendered("plan.json", "mermaid"), expected);
}

#[test]
fn a_fresh_plan_and_a_saved_one_are_drawn_alike() {
    let plan = |format: &str| {
        let args = format!("plan --file examples/glossary/compose.yml --format {format}");
        Tool::new("build-orchestrator")
            .args(&args)
            .run()
            .expect_exit(0)
    };
    let saved = plan("json");
    for format in ["dot", "mermaid"] {
        let args = format!("render --format {format}");
        let drawn = Tool::new("build-orchestrator")
            .args(&args)
            .stdin(saved.clone())
            .run();
        assert_eq!(drawn.expect_exit(0), plan(format));
    }
}

#[test]
fn targets_that_need_another_are_linked_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let compose = "services:\n  base:\n    image: a/base\n    build: .\n  app:\n    build:\n      context: .\n      dockerfile: app.Dockerfile\n";
    for (name, text) in [
        ("compose.yml", compose),
        ("Dockerfile", "FROM scratch\nCOPY a /\n"),
        ("app.Dockerfile", "FROM a/base\nCOPY b /\n"),
    ] {
        fs_err::write(folder.path().join(name), text).unwrap();
    }
    let drawn = Tool::new("build-orchestrator")
        .args("plan --format mermaid")
        .current_dir(folder.path())
        .run();
    let expected = r#"flowchart LR
  i0(["a/base"])
  subgraph t0["base"]
    t0s0["stage-0 (line 1)"]
  end
  subgraph t1["app"]
    t1s0["stage-0 (line 1)"]
  end
  i0 --> t1s0
  t0 ==> t1
"#;
    assert_eq!(drawn.expect_exit(0), expected);
}

#[test]
fn a_build_is_drawn_as_its_plan() {
    let expected = r#"digraph plan {
  rankdir=LR;
  node [shape=box];
  "image debian:bookworm" [shape=ellipse, label="debian:bookworm"];
  subgraph "cluster_app" {
    label="app";
    "app/0" [label="build (line 1)"];
  }
  "image debian:bookworm" -> "app/0";
}
"#;
    assert_eq!(rendered("build.json", "dot"), expected);
}

#[test]
fn a_build_becomes_a_trace() {
    let trace: Value = serde_json::from_str(&rendered("build.json", "trace")).unwrap();
    let span = |name: &str, start_ms: u64, duration_ms: u64, cat: &str, args: Value| {
        json!({
            "name": name, "cat": cat, "ph": "X", "ts": start_ms * 1000, "dur": duration_ms * 1000,
            "pid": 1, "tid": 1, "args": args,
        })
    };
    let expected = json!({
        "displayTimeUnit": "ms",
        "traceEvents": [
            {
                "name": "process_name", "cat": "", "ph": "M", "ts": 0, "dur": 0, "pid": 1, "tid": 0,
                "args": { "name": "app" },
            },
            span("[internal] load build definition from Dockerfile", 13, 5, "step", json!({
                "step": "app/load build definition from Dockerfile", "cache": "miss",
                "critical": "false",
            })),
            span("COPY src src", 40, 0, "step", json!({
                "step": "app/build/1", "cache": "hit", "critical": "false",
                "location": "Dockerfile:2",
            })),
            span("RUN make", 50, 3300, "step,critical", json!({
                "step": "app/build/2", "cache": "miss", "critical": "true",
                "location": "Dockerfile:3",
            })),
        ],
    });
    assert_eq!(trace, expected);
}

#[test]
fn what_a_report_cannot_be_shown_as_is_said() {
    let cases = [
        (
            "dot",
            "test.json",
            "there is no plan or build report to show; reports read: test",
        ),
        (
            "trace",
            "plan.json",
            "there is no build report to show; reports read: plan",
        ),
    ];
    for (format, file, message) in cases {
        let args = format!("render --format {format} {FIXTURES}/{file}");
        let run = Tool::new("build-orchestrator").args(&args).run();
        assert!(run.stderr.contains(message), "{}", run.stderr);
        assert_eq!(run.expect_exit(2), "");
    }
    let args = format!("render --format mermaid {FIXTURES}/plan.json {FIXTURES}/build.json");
    let run = Tool::new("build-orchestrator").args(&args).run();
    let message = "this format shows one plan or build report, and 2 were read";
    assert!(run.stderr.contains(message), "{}", run.stderr);
    assert_eq!(run.expect_exit(2), "");
}

#[test]
fn findings_of_every_tool_are_sarif_as_its_schema_says() {
    let schema = workspace_dir().join("tests/fixtures/sarif-2.1.0.json");
    // A stray bracket in the pattern of languages, which only browsers take for itself.
    let schema = fs_err::read_to_string(schema)
        .unwrap()
        .replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}?$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let kinds = [
        ("build-orchestrator", "build"),
        ("build-orchestrator", "plan"),
        ("layer-analyzer", "layer"),
        ("cache-optimizer", "cache"),
        ("test-aggregator", "test"),
    ];
    let mut result_count = 0;
    for (tool, kind) in kinds {
        let args = format!("render --format sarif {FIXTURES}/{kind}.json");
        let text = Tool::new(tool).args(&args).run().expect_exit(0);
        let logs = parse_lines(&text);
        assert_eq!(logs.len(), 1, "{kind}");
        let faults: Vec<String> = validator
            .iter_errors(&logs[0])
            .map(|fault| format!("{fault} at {}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{kind}: {}", faults.join("\n"));
        assert_eq!(logs[0]["runs"][0]["tool"]["driver"]["name"], tool);
        let results = &logs[0]["runs"][0]["results"];
        result_count += results.as_array().unwrap().len();
    }
    assert!(result_count >= 2, "there was something to check");

    let log = &parse_lines(&rendered("build.json", "sarif"))[0];
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "step-failed");
    assert_eq!(result["level"], "error");
    assert_eq!(
        result["locations"],
        json!([{ "physicalLocation": {
            "artifactLocation": { "uri": "Dockerfile" }, "region": { "startLine": 3 },
        }}])
    );
}
