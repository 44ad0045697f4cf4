//! What goes where, and what happens when nobody reads it.

use std::process::Command;
use tests::tool::{Tool, binary_path, workspace_dir};

const PLAN: &str = "plan --file examples/glossary/compose.yml";

#[test]
fn a_reader_that_leaves_is_a_quiet_end() {
    let large = "render tests/fixtures/reports/v1/build.json --format json";
    for args in [PLAN, large, "schema", "--help"] {
        let mut child = Tool::new("build-orchestrator").args(args).spawn();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args}");
    }
}

#[test]
fn the_first_line_of_a_chain_can_be_taken() {
    let fixture = workspace_dir().join("tests/fixtures/reports/v1/test.json");
    let tool = binary_path("test-aggregator");
    let script = format!(
        "set -o pipefail; '{}' render --format json '{}' | head -1",
        tool.display(),
        fixture.display()
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.stdout.starts_with(b"{\"schema\""));
}

#[test]
fn a_pipe_gets_json_and_no_colour_unless_asked_for() {
    let json = Tool::new("build-orchestrator")
        .args(PLAN)
        .run()
        .expect_exit(0);
    assert!(
        json.starts_with("{\"schema\":\"urn:lucid:report/plan/1.1\""),
        "{json}"
    );
    let table = |color| {
        let args =
            format!("render tests/fixtures/reports/v1/build.json --format table --color {color}");
        Tool::new("build-orchestrator")
            .args(&args)
            .env("NO_COLOR", "1")
            .run()
            .expect_exit(0)
    };
    assert!(!table("auto").contains('\x1b'));
    assert!(table("always").contains('\x1b'));
}

#[test]
fn text_from_a_report_cannot_steer_the_terminal() {
    let args = "render tests/fixtures/reports/v1/build.json --format table";
    let table = Tool::new("build-orchestrator")
        .args(args)
        .run()
        .expect_exit(0);
    assert!(table.contains("cc: not found <b>\\u{1b}[31m"), "{table}");
}
