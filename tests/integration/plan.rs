//! `build-orchestrator plan`, which needs no Engine.

use serde_json::{Value, json};
use std::process::Command;
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Tool, binary_path};

fn plan(args: &str) -> Value {
    let finished = Tool::new("build-orchestrator")
        .args("plan")
        .args(args)
        .run();
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    assert_valid(&report);
    report
}

#[test]
fn a_compose_file_becomes_targets_with_stages_and_arguments() {
    let report = plan("--file examples/glossary/compose.yml");
    let targets = report["data"]["targets"].as_array().unwrap();
    let names: Vec<&str> = targets
        .iter()
        .map(|t| t["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["glossary", "glossary-development", "glossary-test"]);
    let runtime = &targets[0];
    assert_eq!(runtime["tags"], json!(["lucid/glossary:dev"]));
    assert_eq!(runtime["build_args"], json!({ "BASE": "scratch" }));
    assert_eq!(runtime["stage"], "runtime");
    let stages = runtime["stages"].as_array().unwrap();
    let stage_names: Vec<&str> = stages.iter().map(|s| s["name"].as_str().unwrap()).collect();
    // base-debian, development and test are not needed for the runtime image.
    assert_eq!(
        stage_names,
        ["base-scratch", "base", "deps", "builder", "runtime"]
    );
    assert_eq!(stages[4]["copies_from"], json!([2, 4]));
}

#[test]
fn the_environment_changes_the_plan() {
    let finished = Tool::new("build-orchestrator")
        .args("plan glossary --file examples/glossary/compose.yml")
        .env("BASE", "debian")
        .env("VERSION", "7")
        .run();
    let report = &parse_lines(&finished.expect_exit(0))[0];
    let target = &report["data"]["targets"][0];
    assert_eq!(target["tags"], json!(["lucid/glossary:7"]));
    assert_eq!(target["stages"][0]["name"], "base-debian");
    assert_eq!(
        target["stages"][0]["base"],
        json!({ "kind": "image", "name": "debian:bookworm-slim" })
    );
}

#[test]
fn a_dockerfile_alone_is_one_target() {
    let report = plan("--file examples/glossary/Dockerfile --target test");
    let targets = report["data"]["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 1);
    assert_eq!(targets[0]["context_path"], "examples/glossary");
    assert_eq!(
        targets[0]["dockerfile_path"],
        "examples/glossary/Dockerfile"
    );
}

#[test]
fn the_graph_is_one_that_graphviz_draws() {
    let args = "plan --file examples/glossary/compose.yml --format dot";
    let dot = Tool::new("build-orchestrator")
        .args(args)
        .run()
        .expect_exit(0);
    assert!(dot.starts_with("digraph"), "{dot}");
    assert!(dot.contains("builder") && dot.contains("->"), "{dot}");
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
}

#[test]
fn an_unknown_target_is_named_with_the_nearest_one() {
    let args = "plan glosary --file examples/glossary/compose.yml";
    let finished = Tool::new("build-orchestrator").args(args).run();
    assert!(
        finished.stderr.contains("glosary") && finished.stderr.contains("`glossary`"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(2), "");
}

#[test]
fn a_fault_in_a_file_is_reported_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("Dockerfile", "FROM scratch\nCOPI a b\n", 2),
        ("compose.yml", "services:\n  a:\n    build: [\n", 3),
        (
            "compose.yml",
            "services:\n  a:\n    build:\n      context: ${NO:?set it}\n",
            4,
        ),
    ];
    for (name, text, line) in cases {
        let path = folder.path().join(name);
        fs_err::write(&path, text).unwrap();
        let finished = Tool::new("build-orchestrator")
            .args("plan --file")
            .arg(&path)
            .run();
        let place = format!("{name}:{line}");
        assert!(
            finished.stderr.contains(&place),
            "{place} in {}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "");
    }
}

#[test]
fn a_script_on_standard_input_is_left_to_the_shell() {
    // GitLab and ssh feed scripts through standard input: a builder must not swallow the rest.
    let tool = binary_path("build-orchestrator");
    let script = format!(
        "{} plan --file examples/glossary/compose.yml > /dev/null\necho still here\n",
        tool.display()
    );
    let mut shell = Command::new("sh")
        .current_dir(tests::tool::workspace_dir())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut shell.stdin.take().unwrap(), script.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "still here\n");
}
