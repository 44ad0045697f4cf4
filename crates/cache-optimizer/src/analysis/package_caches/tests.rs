//! Tests of the tables: what uses a cache, where it is, and what empties it.

use proptest::prelude::*;

use super::*;
use crate::analysis::shell;
use crate::analysis::stage_state::states;
use crate::model::sample::recipe;

/// The caches that a step with this script uses in a Dockerfile that begins with `head`.
fn caches(head: &str, script: &str) -> Vec<(&'static str, Result<Vec<String>, String>)> {
    let recipe = recipe(&format!("{head}\nRUN {script}\n"));
    let states = states(&recipe.dockerfile);
    let mut steps = steps(&recipe, &states);
    let caches = steps.pop().unwrap().caches.into_iter();
    let paths = |folders: Vec<Folder>| folders.into_iter().map(|folder| folder.path).collect();
    caches
        .map(|cache| (cache.tool, cache.folders.map(paths)))
        .collect()
}

fn paths(head: &str, script: &str) -> Vec<String> {
    caches(head, script).remove(0).1.unwrap()
}

#[test]
fn variables_of_a_tool_come_before_its_defaults() {
    for (head, script, path) in [
        ("FROM a\nENV XDG_CACHE_HOME=/x", "pip install y", "/x/pip"),
        (
            "FROM a\nENV XDG_CACHE_HOME=/x PIP_CACHE_DIR=/p/",
            "pip install y",
            "/p",
        ),
        ("FROM a\nENV HOME=/h", "npm ci", "/h/.npm"),
        (
            "FROM a\nENV BUN_INSTALL=/b",
            "bun install",
            "/b/install/cache",
        ),
        ("FROM a\nENV XDG_DATA_HOME=/d", "pnpm i", "/d/pnpm/store"),
        ("FROM a\nENV YARN_CACHE_FOLDER=/y", "yarn", "/y"),
        ("FROM a\nENV UV_CACHE_DIR=/u", "uv pip install y", "/u"),
        (
            "FROM a\nENV COMPOSER_CACHE_DIR=/c",
            "composer install",
            "/c",
        ),
        ("FROM a\nENV CCACHE_DIR=/c", "ccache gcc -c a.c", "/c"),
        (
            "FROM a\nENV GRADLE_USER_HOME=/g",
            "./gradlew build",
            "/g/caches",
        ),
        ("FROM a\nUSER 1000\nENV HOME=/h", "yarn", "/h/.cache/yarn"),
    ] {
        assert_eq!(paths(head, script), [path], "{head} {script}");
    }
}

#[test]
fn an_image_is_known_by_its_name_and_through_stages_and_defaults() {
    for head in [
        "FROM rust",
        "FROM docker.io/library/rust:1.80@sha256:ab",
        "ARG V=1\nARG IMAGE=rust:$V\nFROM ${IMAGE} AS a\nFROM a",
        "FROM lukemathwalker/cargo-chef:latest-rust-1 AS chef\nFROM chef",
    ] {
        let expected = ["/usr/local/cargo/registry", "/usr/local/cargo/git/db"];
        assert_eq!(paths(head, "cargo build"), expected, "{head}");
    }
    assert!(
        caches("ARG IMAGE\nFROM $IMAGE", "cargo build")[0]
            .1
            .is_err()
    );
}

#[test]
fn what_fills_no_cache_uses_none() {
    for script in [
        "npm run ci",
        "npx install",
        "npm cache clean",
        "yarn build",
        "pip list",
        "python -m venv /v",
        "cargo chef prepare",
        "cargo --version",
        "go version",
        "apt-get update",
        "apk del git",
        "dotnet run",
        "echo npm ci",
    ] {
        assert_eq!(caches("FROM a", script), [], "{script}");
    }
}

#[test]
fn one_step_can_use_several_tools() {
    let tools: Vec<_> = caches(
        "FROM golang",
        "apt-get install -y git && npm ci && go build && npm i -g x",
    )
    .into_iter()
    .map(|(tool, _)| tool)
    .collect();
    assert_eq!(tools, ["apt", "npm", "go"]);
}

#[test]
fn a_path_is_within_a_folder_by_its_parts() {
    assert!(is_within("/a/b", "/a"));
    assert!(is_within("/a", "/a/"));
    assert!(is_within("/a", "/"));
    assert!(!is_within("/ab", "/a"));
    assert!(!is_within("/", "/a"));
}

proptest! {
    #[test]
    fn any_script_has_caches_at_absolute_paths(
        script in "(npm|go|pip|cargo|rm|yarn|apt-get) [a-z$~/={}*'\" -]{0,30}"
    ) {
        let recipe = recipe("FROM golang\nRUN true\n");
        let states = states(&recipe.dockerfile);
        let around = steps(&recipe, &states).remove(0).around;
        for command in shell::commands(&script) {
            if let Some(PackageCache { folders: Ok(folders), .. }) = package_cache(&command, &around) {
                prop_assert!(folders.iter().all(|folder| folder.path.starts_with('/')));
                let _ = clean_ups(&command, "npm", &folders, &around);
            }
        }
    }
}
