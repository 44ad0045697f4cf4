//! Interpolation and env files.

use crate::compose::{assert_plan, assert_plan_with, plan};
use serde_json::json;

const IMAGE: &str = "services: {web: {image: 'web:${TAG:-none}', build: .}}\n";

#[test]
fn every_form_of_a_variable_is_put_in() {
    let compose = "services:
  web:
    build:
      context: .
      args:
        SET: ${SET}
        PLAIN: $SET-x
        DEFAULT: ${UNSET:-d} ${EMPTY:-d} ${UNSET-d}
        EMPTY: ${EMPTY-d}
        OTHER: ${SET:+o}${EMPTY:+o}${EMPTY+o}
        REQUIRED: ${SET:?no}
        NESTED: ${UNSET:-${EMPTY:-$SET}}
        DOLLAR: $$SET
";
    assert_plan_with(
        "forms",
        &[("compose.yml", compose), ("Dockerfile", "")],
        "",
        &[("SET", "s"), ("EMPTY", "")],
        &json!({ "web": { "build_args": {
            "SET": "s",
            "PLAIN": "s-x",
            "DEFAULT": "d d d",
            "EMPTY": "",
            "OTHER": "oo",
            "REQUIRED": "s",
            "NESTED": "s",
            "DOLLAR": "$SET",
        } } }),
    );
}

#[test]
fn the_environment_wins_over_the_env_file() {
    // docker/compose#12989: `.env` needs X, which the environment has.
    let env = "export TAG='from file' # comment\nOTHER=${X:?}\n";
    let files = [("compose.yml", IMAGE), (".env", env), ("Dockerfile", "")];
    let expected = |tag: &str| json!({ "web": { "tags": [format!("web:{tag}")] } });
    assert_plan_with("file", &files, "", &[("X", "1")], &expected("from file"));
    let environment = [("X", "1"), ("TAG", "env")];
    assert_plan_with("environment", &files, "", &environment, &expected("env"));
}

#[test]
fn env_files_that_are_named_replace_the_one_beside_the_file() {
    // docker/compose#12901: what a later file sets counts in that file.
    let files = [
        ("compose.yml", IMAGE),
        (".env", "TAG=${REQUIRED:?}\n"),
        ("a.env", "HOST=a\nTAG=$HOST\n"),
        ("b.env", "HOST=b\nTAG=\"$HOST-$HOST\"\n"),
        ("Dockerfile", ""),
    ];
    let expected = json!({ "web": { "tags": ["web:b-b"] } });
    assert_plan(
        "env files",
        &files,
        "--env-file a.env --env-file b.env",
        &expected,
    );
}

#[test]
fn arguments_without_a_value_are_variables() {
    let compose = "services: {web: {build: {context: ., args: [FROM_FILE, FROM_ENV, NOWHERE]}}}\n";
    assert_plan_with(
        "valueless",
        &[
            ("compose.yml", compose),
            (".env", "FROM_FILE=1\n"),
            ("Dockerfile", ""),
        ],
        "",
        &[("FROM_ENV", "2")],
        &json!({ "web": { "build_args": { "FROM_FILE": "1", "FROM_ENV": "2" } } }),
    );
}

#[test]
fn an_unset_variable_is_empty_and_told_with_its_place() {
    let compose = "services:\n  web:\n    build:\n      context: ./$NOWHERE\n";
    let (_, warnings) = plan(&[("compose.yml", compose), ("Dockerfile", "")], "", &[]);
    assert!(
        warnings.contains("compose.yml:4: `NOWHERE` is not set"),
        "{warnings}"
    );
}

#[test]
fn a_project_is_named_by_the_environment_the_file_or_its_folder() {
    let compose =
        "name: my-${X}\nservices: {web: {build: {context: ., args: {P: $COMPOSE_PROJECT_NAME}}}}\n";
    let files = [("compose.yml", compose), ("Dockerfile", "")];
    let expected = |name: &str| json!({ "web": { "tags": [format!("{name}-web")], "build_args": { "P": name } } });
    assert_plan_with("file", &files, "", &[("X", "7")], &expected("my-7"));
    let environment = [("X", "7"), ("COMPOSE_PROJECT_NAME", "other")];
    assert_plan_with("environment", &files, "", &environment, &expected("other"));
}
