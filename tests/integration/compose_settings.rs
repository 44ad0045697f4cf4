//! Every key of a build section, in the forms in which it can be written.

use crate::compose::{assert_plan, plan};
use serde_json::{Value, json};

/// The plan of one service whose build section has these lines.
fn assert_build(case: &str, lines: &str, expected: &Value) {
    let lines = lines.replace('\n', "\n      ");
    let compose = format!("services:\n  web:\n    build:\n      {lines}\n");
    let files = [("compose.yml", compose.as_str()), ("Dockerfile", "")];
    assert_plan(case, &files, "", &json!({ "web": expected }));
}

#[test]
fn what_is_built_and_what_it_is_called() {
    assert_build("no context", "pull: false", &json!({ "context_path": "." }));
    assert_build(
        "tags",
        "tags: [a:1, a:2, a:1, shop-web]",
        &json!({ "tags": ["shop-web", "a:1", "a:2"] }),
    );
    assert_build(
        "labels as a list",
        "labels: [a=b, c]",
        &json!({ "labels": { "a": "b", "c": "" } }),
    );
    assert_build(
        "labels as a mapping",
        "labels: {a: 1.10, c: }",
        &json!({ "labels": { "a": "1.10", "c": "" } }),
    );
    assert_build(
        "args as a list",
        "args: [A=1=2, UNSET, B=]",
        &json!({ "build_args": { "A": "1=2", "B": "" } }),
    );
    assert_build(
        "args as a mapping",
        "args: {A: yes, UNSET: , B: ''}",
        &json!({ "build_args": { "A": "yes", "B": "" } }),
    );
    assert_build(
        "platforms",
        "platforms: [linux/amd64, linux/arm64]",
        &json!({ "platform": "linux/amd64,linux/arm64" }),
    );
}

#[test]
fn a_dockerfile_may_be_elsewhere_in_the_context_or_above_it() {
    let compose = "services:
  a: {build: {context: ./a, dockerfile: docker/Dockerfile}}
  b: {build: {context: ./a/, dockerfile: ../Dockerfile}}
";
    let files = [
        ("compose.yml", compose),
        ("a/docker/Dockerfile", ""),
        ("Dockerfile", ""),
    ];
    assert_plan(
        "dockerfiles",
        &files,
        "",
        &json!({
            "a": { "context_path": "a", "dockerfile_path": "a/docker/Dockerfile" },
            "b": { "context_path": "a", "dockerfile_path": "Dockerfile" },
        }),
    );
}

#[test]
fn an_inline_dockerfile_has_the_lines_of_the_compose_file() {
    let compose = "services:
  web:
    build:
      dockerfile_inline: |
        FROM scratch AS base
        ENV PRICE=5$$

        FROM base
        LABEL a=b
";
    let (targets, _) = plan(&[("compose.yml", compose)], "", &[]);
    let web = &targets["web"];
    assert_eq!(web["dockerfile_path"], "compose.yml");
    assert_eq!(
        web["dockerfile_inline"],
        "FROM scratch AS base\nENV PRICE=5$\n\nFROM base\nLABEL a=b\n"
    );
    let stages = web["stages"].as_array().unwrap();
    assert_eq!(
        stages[0]["location"],
        json!({ "path": "compose.yml", "line": 5 })
    );
    assert_eq!(stages[1]["location"]["line"], 8);
    assert_eq!(stages[1]["instructions"][0]["line"], 9);
}

#[test]
fn named_contexts_are_services_images_folders_and_addresses() {
    assert_build(
        "additional_contexts",
        "additional_contexts:
  - image=docker-image://alpine:3
  - folder=../lib
  - here=./sub
  - remote=https://example.org/a.git",
        &json!({ "named_contexts": {
            "folder": "../lib",
            "here": "sub",
            "image": "docker-image://alpine:3",
            "remote": "https://example.org/a.git",
        } }),
    );
    // docker/compose#12922 and #12673: what is needed is built, although not asked for.
    let compose = "services:
  a: {build: {context: ., additional_contexts: {b: 'service:b'}, dockerfile_inline: 'FROM b'}}
  b: {build: {context: ., additional_contexts: [c=service:c], dockerfile_inline: 'FROM c'}}
  c: {build: .}
  d: {build: .}
";
    assert_plan(
        "compose#12922",
        &[("compose.yml", compose), ("Dockerfile", "")],
        "a",
        &json!({
            "a": { "named_contexts": { "b": "target:b" }, "depends_on": ["b"] },
            "b": { "named_contexts": { "c": "target:c" }, "depends_on": ["c"] },
            "c": { "depends_on": [] },
        }),
    );
}

#[test]
fn secrets_are_those_that_the_project_defines() {
    let compose = "services:
  web:
    build:
      context: app
      secrets:
        - token
        - source: key
          target: ssh-key
secrets:
  token: {environment: TOKEN}
  key: {file: ./keys/id}
  unused: {external: true}
";
    assert_plan(
        "secrets",
        &[("compose.yml", compose), ("app/Dockerfile", "")],
        "",
        &json!({ "web": { "options.secrets": ["id=token,env=TOKEN", "id=ssh-key,src=keys/id"] } }),
    );
}

#[test]
fn a_secret_that_only_an_env_file_has_is_told() {
    let compose = "services:
  web: {build: {context: ., secrets: [token]}}
secrets:
  token: {environment: TOKEN}
";
    let files = [
        ("compose.yml", compose),
        (".env", "TOKEN=1\n"),
        ("Dockerfile", ""),
    ];
    let (_, warnings) = plan(&files, "", &[]);
    let expected = "compose.yml:4: the secret `token` is read from the environment";
    assert!(warnings.contains(expected), "{warnings}");
    let (_, warnings) = plan(&files, "", &[("TOKEN", "2")]);
    assert_eq!(warnings, "");
}

#[test]
fn ssh_agents_are_a_text_a_list_or_a_mapping() {
    assert_build(
        "default",
        "ssh: default",
        &json!({ "options.ssh": ["default"] }),
    );
    assert_build(
        "list",
        "ssh: [default, git=keys/git]",
        &json!({ "options.ssh": ["default", "git=keys/git"] }),
    );
    assert_build(
        "mapping",
        "ssh: {default: , git: /run/a.sock}",
        &json!({ "options.ssh": ["default", "git=/run/a.sock"] }),
    );
}

#[test]
fn caches_are_images_or_have_a_type() {
    assert_build(
        "caches",
        "cache_from: [r.example/app:cache, 'type=local,src=cache']\ncache_to: ['type=registry,mode=max,ref=r.example/app']",
        &json!({
            "options.cache_from": ["type=registry,ref=r.example/app:cache", "type=local,src=cache"],
            "options.cache_to": ["type=registry,mode=max,ref=r.example/app"],
        }),
    );
}

#[test]
fn what_steps_find() {
    assert_build(
        "network",
        "network: host",
        &json!({ "options.network": "host" }),
    );
    assert_build(
        "shm_size with a unit",
        "shm_size: 2gb",
        &json!({ "options.shm_size_bytes": 2_147_483_648_u64 }),
    );
    assert_build(
        "shm_size in bytes",
        "shm_size: 1000000",
        &json!({ "options.shm_size_bytes": 1_000_000 }),
    );
    assert_build(
        "ulimits",
        "ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}, core: -1}",
        &json!({ "options.ulimits": ["nproc=65535", "nofile=20000:40000", "core=-1"] }),
    );
    assert_build(
        "extra_hosts as a list",
        "extra_hosts: ['a:1.2.3.4', b=5.6.7.8, 'c:::1', 'd=[::1]']",
        &json!({ "options.extra_hosts": ["a=1.2.3.4", "b=5.6.7.8", "c=::1", "d=::1"] }),
    );
    assert_build(
        "extra_hosts as a mapping",
        "extra_hosts: {a: 1.2.3.4, b: [1.1.1.1, 2.2.2.2]}",
        &json!({ "options.extra_hosts": ["a=1.2.3.4", "b=1.1.1.1", "b=2.2.2.2"] }),
    );
}

#[test]
fn what_the_builder_may_do_again_and_attest() {
    assert_build(
        "switches",
        "no_cache: true\npull: 'true'\nprivileged: true\nentitlements: [network.host]",
        &json!({
            "options.no_cache": true,
            "options.pull": true,
            "options.entitlements": ["network.host", "security.insecure"],
        }),
    );
    assert_build(
        "attestations",
        "provenance: mode=max\nsbom: true",
        &json!({ "options.attestations": ["type=provenance,mode=max", "type=sbom"] }),
    );
    assert_build(
        "none",
        "provenance: false",
        &json!({ "options.attestations": [] }),
    );
}

#[test]
fn isolation_and_modes_of_secrets_are_told_to_mean_nothing() {
    let compose = "services:
  web:
    build:
      context: .
      isolation: hyperv
      secrets: [{source: a, mode: 0400}]
secrets: {a: {file: a}}
";
    let (_, warnings) = plan(&[("compose.yml", compose), ("Dockerfile", "")], "", &[]);
    assert!(
        warnings.contains("compose.yml:5: `build.isolation`"),
        "{warnings}"
    );
    assert!(
        warnings.contains("compose.yml:6: a build passes over `mode`"),
        "{warnings}"
    );
}

#[test]
fn the_platform_of_a_service_counts_where_its_build_has_none() {
    let compose = "services:
  a: {platform: linux/arm64, build: .}
  b: {platform: linux/arm64, build: {context: ., platforms: [linux/amd64, linux/arm64]}}
";
    assert_plan(
        "platform",
        &[("compose.yml", compose), ("Dockerfile", "")],
        "",
        &json!({
            "a": { "platform": "linux/arm64" },
            "b": { "platform": "linux/amd64,linux/arm64" },
        }),
    );
}
