//! Failing siblings, time limits, and what an Engine lacks.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::time::{SystemTime, UNIX_EPOCH};
use tests::private::PrivateEngine;
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Tool, workspace_dir};

/// Builds a target a command, side by side, with steps that no other build shares. Returns the
/// report.
fn build(commands: &[(&str, &str)], args: &str) -> serde_json::Value {
    let dir = project(commands);
    let finished = Tool::new("build-orchestrator")
        .args("build --parallel 4 --file")
        .arg(dir.path().join("compose.yml"))
        .args(args)
        .run();
    let report = parse_lines(&finished.expect_exit(1)).remove(0);
    assert_valid(&report);
    assert_eq!(report["verdict"], "fail");
    report
}

/// A compose project with a target a command.
fn project(commands: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let busybox = workspace_dir().join("examples/glossary/rootfs/bin/busybox");
    assert!(busybox.exists(), "run scripts/rootfs.sh first");
    fs_err::copy(busybox, dir.path().join("sh")).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    fs_err::write(dir.path().join("own"), now.as_nanos().to_string()).unwrap();
    let services = commands.iter().map(|(name, command)| {
        let dockerfile = format!("FROM scratch\nCOPY sh /bin/\nCOPY own /\nRUN {command}\n");
        fs_err::write(dir.path().join(name), dockerfile).unwrap();
        format!("  {name}:\n    build: {{context: ., dockerfile: {name}}}\n")
    });
    let compose = format!("services:\n{}", services.collect::<String>());
    fs_err::write(dir.path().join("compose.yml"), compose).unwrap();
    dir
}

fn target<'a>(report: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    let targets = report["data"]["targets"].as_array().unwrap();
    let target = targets.iter().find(|it| it["plan"]["name"] == name);
    target.expect("the target is in the report")
}

#[test]
fn a_target_that_takes_too_long_fails_and_its_siblings_go_on() {
    let commands = [("quick", "echo quick"), ("slow", "sleep 300")];
    let report = build(&commands, "--timeout 20s");
    assert_eq!(target(&report, "quick")["status"], "built");
    let slow = target(&report, "slow");
    assert_eq!(slow["status"], "failed");
    assert_eq!(slow["error_kind"], "timeout");
    assert_eq!(slow["error"], "it took longer than the 20s of `--timeout`");
}

#[test]
fn the_first_failure_cancels_what_runs_when_asked_to() {
    let commands = [("broken", "exit 1"), ("slow", "sleep 300")];
    let report = build(&commands, "--fail-fast");
    assert_eq!(target(&report, "broken")["error_kind"], "build");
    let slow = target(&report, "slow");
    assert_eq!(slow["status"], "cancelled");
    assert_eq!(
        slow["error"],
        "`broken` failed, and `--fail-fast` ends the build there"
    );
}

#[test]
fn a_command_that_speaks_of_the_network_is_not_tried_again() {
    let commands = [("app", "echo connection reset by peer && exit 1")];
    let report = build(&commands, "");
    assert_eq!(target(&report, "app")["error_kind"], "build");
    assert_eq!(target(&report, "app")["attempt_count"], 1);
}

#[test]
fn what_the_engine_lacks_is_refused_by_name() {
    let args = "--platform linux/amd64,linux/arm64";
    let report = build(&[("app", "echo")], args);
    let app = target(&report, "app");
    assert_eq!(app["error_kind"], "unsupported");
    assert_eq!(app["attempt_count"], 0);
    let error = app["error"].as_str().unwrap();
    assert!(
        error.starts_with("`app` asks for the platforms linux/amd64,linux/arm64, but the Engine")
            && error.ends_with("an Engine with the containerd image store builds for several"),
        "{error}"
    );
}

/// Waits until a build has said something on standard error.
fn wait_for_line(build: &mut Child, text: &str) {
    let stderr = BufReader::new(build.stderr.take().unwrap());
    let mut lines = stderr.lines().map(Result::unwrap);
    assert!(
        lines.any(|line| line.contains(text)),
        "the build says `{text}`"
    );
    // What follows has to be read too, or the build could not write it.
    std::thread::spawn(move || lines.count());
}

#[test]
fn an_engine_that_dies_takes_no_finished_target_with_it() {
    let mut engine = PrivateEngine::start();
    let dir = project(&[("quick", "echo quick"), ("slow", "sleep 300")]);
    let mut running = Tool::new("build-orchestrator")
        .args("build --network none --parallel 2 --host")
        .arg(engine.host())
        .current_dir(dir.path())
        .spawn();
    wait_for_line(&mut running, "[quick] built");
    engine.kill();
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let report = parse_lines(&String::from_utf8(output.stdout).unwrap()).remove(0);
    assert_valid(&report);
    let quick = target(&report, "quick");
    assert_eq!(quick["status"], "built");
    let id = quick["image"]["id"].as_str().unwrap();
    assert!(id.starts_with("sha256:"), "{id}");
    assert_eq!(target(&report, "slow")["error_kind"], "unavailable");
}
