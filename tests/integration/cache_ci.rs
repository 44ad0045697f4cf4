//! `cache-optimizer ci` on saved reports: what it recommends, and that what it prints can be used.

use serde_json::{Value, json};
use std::process::{Command, Stdio};
use tests::report::{assert_valid, kind, parse_lines};
use tests::tool::{Tool, workspace_dir};

/// The saved build as if it had succeeded, with an image of 100 MB and another time for the step that ran.
fn build(duration_ms: u64) -> Value {
    let path = workspace_dir().join("tests/fixtures/reports/v1/build.json");
    let mut report: Value = serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap();
    let target = &mut report["data"]["targets"][0];
    target["image"] =
        json!({"id": "sha256:1", "size_bytes": 100_000_000, "platform": "linux/amd64"});
    for step in target["steps"].as_array_mut().unwrap() {
        if step["cached"] == false {
            step["duration_ms"] = duration_ms.into();
            step["error"] = Value::Null;
        }
    }
    report
}

fn recommended(build: &Value, args: &str) -> Value {
    let tool = Tool::new("cache-optimizer").args("ci --only").args(args);
    let written = tool.stdin(format!("{build}\n")).run().expect_exit(0);
    let report = parse_lines(&written).remove(0);
    assert_valid(&report);
    assert_eq!(kind(&report), "cache-setup");
    report
}

fn snippet(report: &Value, place: &str) -> String {
    let snippets = report["data"]["snippets"].as_array().unwrap();
    let mut of_place = snippets.iter().filter(|snippet| snippet["place"] == place);
    let snippet = of_place.next().expect("there is one for each place");
    snippet["text"].as_str().unwrap().to_owned()
}

#[test]
fn what_takes_long_is_kept_and_what_does_not_is_not() {
    let slow = recommended(&build(600_000), "");
    assert_ne!(slow["data"]["targets"][0]["mode"], "none");
    let quick = recommended(&build(10), "");
    assert_eq!(quick["data"]["targets"][0]["mode"], "none");
    assert!(quick["data"]["snippets"].as_array().unwrap().is_empty());
    let sluggish = recommended(&build(12_000), "--bandwidth 1MB");
    let reason = sluggish["data"]["targets"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("on their way"), "{reason}");
}

#[test]
fn the_snippets_for_ci_systems_are_yaml() {
    let report = recommended(&build(600_000), "");
    for place in ["github-actions", "gitlab-ci"] {
        let text = snippet(&report, place);
        let script = "import sys, json, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
        let mut python = Command::new("python3")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is installed");
        let mut stdin = python.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, text.as_bytes()).unwrap();
        drop(stdin);
        let output = python.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{place}: python3-yaml reads\n{text}"
        );
        let parsed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let settings = parsed.to_string();
        assert!(
            settings.contains("type=") && settings.contains("cache-to"),
            "{settings}"
        );
    }
}

#[test]
fn the_command_is_one_that_build_orchestrator_takes() {
    let report = recommended(&build(600_000), "");
    let text = snippet(&report, "shell");
    let command = text.lines().next().unwrap();
    let args = command.strip_prefix("build-orchestrator build ").unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs_err::write(
        dir.path().join("Dockerfile"),
        "FROM scratch\nCOPY Dockerfile /\n",
    )
    .unwrap();
    let planned = Tool::new("build-orchestrator")
        .args("build --host unix:///nonexistent/docker.sock")
        .args(args)
        .current_dir(dir.path())
        .run();
    // All arguments were understood: only the Engine is missing.
    assert!(
        planned.stderr.contains("no Docker Engine answers"),
        "{}",
        planned.stderr
    );
    planned.expect_exit(3);
}

#[test]
fn without_a_build_there_is_nothing_to_go_by() {
    let finished = Tool::new("cache-optimizer").args("ci").run();
    assert!(
        finished.stderr.contains("no build report"),
        "{}",
        finished.stderr
    );
    finished.expect_exit(2);
}
