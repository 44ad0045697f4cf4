//! What a person at a terminal sees. `script`, of Debian's base system, is the terminal.

use std::process::Command;
use tests::docker::Example;
use tests::tool::{binary_path, workspace_dir};

/// Runs a build of the example at a terminal of 100 columns and gives all that was drawn.
fn at_a_terminal(example: &Example, args: &str) -> String {
    let command = format!(
        "stty cols 100; {} build --file {} {args}",
        binary_path("build-orchestrator").display(),
        example.path("compose.yml").display(),
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(workspace_dir())
        .env("VERSION", example.version())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let drawn = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{drawn}");
    drawn
}

#[test]
fn a_person_sees_running_steps_and_then_tables() {
    let example = Example::new("terminal");
    let drawn = at_a_terminal(&example, "glossary");
    assert!(
        drawn.contains("[glossary] [deps 5/5] RUN sh scripts/install.sh"),
        "{drawn}"
    );
    assert!(drawn.contains("1 of 1 target built"), "{drawn}");
    assert!(
        !drawn.contains("{\"schema\""),
        "a person gets no JSON: {drawn}"
    );
    let table = drawn.split("Critical path").next().unwrap();
    let widest = table
        .lines()
        .filter(|line| line.starts_with('─'))
        .map(|l| l.trim_end().chars().count())
        .max();
    assert!(widest.unwrap() <= 100, "tables fit the terminal: {drawn}");
}

#[test]
fn verbose_lines_take_the_place_of_the_live_display() {
    let example = Example::new("verbose");
    let drawn = at_a_terminal(&example, "glossary --verbose");
    assert!(
        drawn.contains(" 1 [internal] load build definition"),
        "{drawn}"
    );
    assert!(drawn.contains("building on Docker Engine"), "{drawn}");
}
