//! What users see when something is wrong.

use std::process::Command;
use std::time::{Duration, Instant};
use tests::chain;
use tests::docker::Example;
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Finished, Tool};

#[test]
fn a_failing_step_is_reported_with_its_line_and_its_output() {
    let example = Example::new("broken");
    example.edit(
        "Dockerfile",
        "RUN sh scripts/build.sh /site",
        "RUN echo the last words && exit 7",
    );
    let finished = chain::build(&example, "glossary");
    assert!(
        finished.stderr.contains("the last words"),
        "{}",
        finished.stderr
    );
    let built = finished.expect_exit(1);

    let report = &parse_lines(&built)[0];
    assert_valid(report);
    assert_eq!(report["verdict"], "fail");
    let target = &report["data"]["targets"][0];
    assert_eq!(target["status"], "failed");
    assert_eq!(target["image"], serde_json::Value::Null);
    let steps = target["steps"].as_array().unwrap();
    let failed: Vec<_> = steps
        .iter()
        .filter(|step| !step["error"].is_null())
        .collect();
    assert_eq!(failed.len(), 1);
    let dockerfile = fs_err::read_to_string(example.path("Dockerfile")).unwrap();
    let line = 1 + dockerfile
        .lines()
        .position(|l| l.contains("exit 7"))
        .unwrap();
    assert_eq!(failed[0]["location"]["line"], line);
    assert_eq!(
        failed[0]["location"]["path"],
        example.path("Dockerfile").to_str().unwrap()
    );
    assert_eq!(failed[0]["log_tail"], serde_json::json!(["the last words"]));

    let table = Tool::new("build-orchestrator")
        .args("render --format table")
        .stdin(built)
        .run();
    let table = table.expect_exit(0);
    assert!(
        table.contains("the last words") && table.contains(&format!("Dockerfile:{line}")),
        "{table}"
    );
}

#[test]
fn the_value_of_a_secret_argument_is_nowhere_in_what_is_written() {
    let example = Example::new("secret");
    example.edit(
        "Dockerfile",
        "RUN sh scripts/build.sh /site",
        "ARG NPM_TOKEN\nRUN echo login with $NPM_TOKEN && exit 1",
    );
    let finished = chain::build(&example, "glossary --build-arg NPM_TOKEN=hunter22");
    assert!(
        finished.stderr.contains("login with <redacted>"),
        "{}",
        finished.stderr
    );
    assert!(!finished.stderr.contains("hunter22"), "{}", finished.stderr);
    assert!(!finished.expect_exit(1).contains("hunter22"));
}

#[test]
fn siblings_of_a_failed_target_are_still_built() {
    let example = Example::new("sibling");
    example.edit("Dockerfile", "RUN mkdir -p /results /tmp", "RUN exit 1");
    let built = chain::build(&example, "").expect_exit(1);
    let report = &parse_lines(&built)[0];
    let targets = report["data"]["targets"].as_array().unwrap();
    for target in targets {
        let expected = if target["plan"]["name"] == "glossary-test" {
            "failed"
        } else {
            "built"
        };
        assert_eq!(target["status"], expected, "{}", target["plan"]["name"]);
    }
}

#[test]
fn an_interrupted_build_writes_what_is_known() {
    let example = Example::new("interrupt");
    example.edit("Dockerfile", "RUN sh scripts/install.sh", "RUN sleep 60");
    let child = Tool::new("build-orchestrator")
        .args("build glossary --file")
        .arg(example.path("compose.yml"))
        .env("VERSION", example.version())
        .spawn();
    std::thread::sleep(Duration::from_secs(5));
    let started = Instant::now();
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(signal.success(), "the build was still running");
    let finished = Finished::from(child.wait_with_output().unwrap());
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "it ended before the step did"
    );
    let built = finished.expect_exit(130);
    let report = &parse_lines(&built)[0];
    assert_valid(report);
    assert_eq!(report["verdict"], "incomplete");
    let target = &report["data"]["targets"][0];
    assert_eq!(target["status"], "cancelled");
    let steps = target["steps"].as_array().unwrap();
    let sleep = steps.iter().find(|step| step["name"] == "RUN sleep 60");
    assert_eq!(
        sleep.unwrap()["cached"],
        serde_json::Value::Null,
        "it has no result"
    );
}

#[test]
fn without_an_engine_the_exit_code_says_so() {
    for (tool, args) in [
        (
            "build-orchestrator",
            "build --file examples/glossary/compose.yml",
        ),
        ("layer-analyzer", "analyze lucid/glossary:dev"),
    ] {
        let finished = Tool::new(tool)
            .args(args)
            .args("--host unix:///nonexistent.sock")
            .run();
        assert!(
            finished.stderr.contains("unix:///nonexistent.sock"),
            "{}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(3), "");
    }
}
