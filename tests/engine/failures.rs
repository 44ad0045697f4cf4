//! Failing siblings, time limits, and what an Engine lacks.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Tool, workspace_dir};

/// Builds a target a command, side by side, with steps that no other build shares. Returns the
/// report.
fn build(commands: &[(&str, &str)], args: &str) -> serde_json::Value {
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
    let file: &Path = &dir.path().join("compose.yml");
    fs_err::write(file, compose).unwrap();
    let finished = Tool::new("build-orchestrator")
        .args("build --parallel 4 --file")
        .arg(file)
        .args(args)
        .run();
    let report = parse_lines(&finished.expect_exit(1)).remove(0);
    assert_valid(&report);
    assert_eq!(report["verdict"], "fail");
    report
}

fn target<'a>(report: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    let targets = report["data"]["targets"].as_array().unwrap();
    let target = targets.iter().find(|it| it["plan"]["name"] == name);
    target.expect("the target is in the report")
}

#[test]
fn a_target_that_takes_too_long_fails_and_its_siblings_go_on() {
    let commands = [("quick", "echo quick"), ("slow", "sleep 300")];
    let report = build(&commands, "--timeout 60s");
    assert_eq!(target(&report, "quick")["status"], "built");
    let slow = target(&report, "slow");
    assert_eq!(slow["status"], "failed");
    assert_eq!(slow["error_kind"], "timeout");
    assert_eq!(slow["error"], "it took longer than the 60s of `--timeout`");
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
