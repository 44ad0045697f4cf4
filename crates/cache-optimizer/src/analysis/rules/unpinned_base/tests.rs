//! Bases that are pinned, and those that are not.

use super::super::sample::{found, lines};
use super::*;
use crate::analysis::stage_state::states;
use crate::model::build::Step;
use crate::model::sample::{at_line, internal, recipe, target};

#[test]
fn an_image_without_a_version_is_found() {
    let text = "FROM node AS a\nFROM registry:5000/maven:latest\nFROM registry:5000/b\n";
    assert_eq!(lines(check, text), [1, 2, 3]);
    assert_eq!(
        found(check, text)[0].message,
        "`node` has no tag, which means `latest`: whatever that is when it is built"
    );
}

#[test]
fn versions_digests_stages_and_scratch_are_fine() {
    for text in [
        "FROM node:18\n",
        "FROM node@sha256:00\n",
        "FROM node:latest@sha256:00\n",
        "FROM node:18 AS Build\nFROM build\n",
        "FROM node:18\nFROM 0\n",
        "FROM scratch\n",
        "ARG BASE=scratch\nFROM $BASE\n",
        "FROM ${BASE:-scratch}\n",
        "ARG V=18\nFROM node:$V-alpine\n",
        "ARG V=18\nARG IMAGE=\"node:${V}\"\nFROM $IMAGE\n",
    ] {
        assert!(lines(check, text).is_empty(), "{text}");
    }
}

#[test]
fn a_variable_is_what_its_default_says() {
    assert_eq!(lines(check, "ARG IMAGE=node\nFROM ${IMAGE}\n"), [2]);
    assert_eq!(lines(check, "FROM ${IMAGE:-node:latest}\n"), [1]);
    assert!(lines(check, "ARG IMAGE\nFROM $IMAGE\n").is_empty());
    assert!(lines(check, "FROM base-$TARGETARCH\n").is_empty());
}

fn from(line: u32, name: &str, digest: &str) -> Step {
    Step {
        is_base: true,
        base_digest: Some(digest.to_owned()),
        ..at_line(line, internal(name))
    }
}

/// The remedy for the first finding after a build with this step.
fn remedy(text: &str, step: Step) -> Remedy {
    let recipe = recipe(text);
    let target = target([step]);
    let mut found = check(&Subject {
        recipe: &recipe,
        durations_ms: &std::collections::HashMap::new(),
        targets: &[&target],
        states: &states(&recipe.dockerfile),
    });
    found.remove(0).remedy
}

#[test]
fn the_digest_of_a_build_is_put_behind_the_tag() {
    let step = from(1, "FROM docker.io/library/node@sha256:ab", "sha256:ab");
    let expected = vec!["from  --platform=a node:latest@sha256:ab as b".to_owned()];
    assert_eq!(
        remedy("from  --platform=a node as b\n", step),
        Remedy::Patch(vec![replaced(1, 1, expected)])
    );
}

#[test]
fn an_id_of_the_engine_is_no_digest_of_a_registry() {
    let local = from(1, "FROM docker.io/library/node:latest", "sha256:ab");
    assert!(
        matches!(remedy("FROM node\n", local), Remedy::Withheld(why) if why.contains("Engine"))
    );
    let step = from(2, "FROM docker.io/library/node@sha256:ab", "sha256:ab");
    let text = "ARG A=node\nFROM $A\n";
    assert!(matches!(remedy(text, step), Remedy::Withheld(why) if why.contains("variables")));
}
