//! That any text gives a project or an error. What files mean is tested on the real binary.

use super::*;
use proptest::prelude::*;

/// Lines of which compose files are made, good ones and bad ones.
const LINES: [&str; 28] = [
    "services:",
    "  a:",
    "  b: {build: .}",
    "  c: !reset null",
    "    build: .",
    "    build:",
    "    extends: b",
    "    extends: {service: a, file: other.yml}",
    "    profiles: [x]",
    "      context: ${X:-$Y}",
    "      args: [A=1, B]",
    "      args: {A: !reset , B: !override [x]}",
    "      dockerfile_inline: |",
    "        FROM scratch",
    "      ulimits: {n: {soft: 1, hard: 2}}",
    "      extra_hosts: [a:b, c]",
    "      ssh: {a: [b, c]}",
    "      secrets: [s, {source: s}]",
    "      tags: x",
    "      shm_size: 9.9999999g",
    "secrets: {s: {file: a}, t: }",
    "include: [other.yml]",
    "include: {path: other.yml}",
    "<<: [{services: }, {}]",
    "name: ${N:?}",
    "- x",
    "services: 1",
    "",
];

fn read_both(first: &str, second: &str) -> Result<Project, ComposeError> {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["compose.yml", "other.yml"].map(|name| folder.path().join(name));
    fs_err::write(&paths[0], first).unwrap();
    fs_err::write(&paths[1], second).unwrap();
    read(&paths, &Variables::new(), &[])
}

fn lines() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&LINES[..]), 0..12)
        .prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn any_lines_are_a_project_or_an_error(first in lines(), second in lines()) {
        let _ = read_both(&first, &second);
    }

    #[test]
    fn any_text_is_a_project_or_an_error(text in "[a-c:\\-\\[\\]{}&*<>!|#'\"$ \n]{0,60}") {
        let _ = read_both(&format!("services:\n  a:\n    build: {text}"), &text);
        let _ = read_both(&text, "services: {}");
    }
}
