//! Shapes of files that projects have.

use crate::compose::{assert_plan, assert_plan_with, plan};
use serde_json::json;
use std::fmt::Write;

/// After docker-compose.yml of open-telemetry/opentelemetry-demo.
#[test]
fn seventeen_builds_share_a_context_and_take_their_dockerfiles_from_the_env_file() {
    let names: Vec<String> = (1..=17)
        .map(|number| format!("service-{number:02}"))
        .collect();
    let mut compose = "x-logging: &logging {driver: json-file}\nservices:\n".to_owned();
    let mut env = "IMAGE_NAME=ghcr.io/demo\nDEMO_VERSION=1.2.3\n".to_owned();
    let mut files = Vec::new();
    for (index, name) in names.iter().enumerate() {
        write!(
            compose,
            "  {name}:
    image: ${{IMAGE_NAME}}:${{DEMO_VERSION}}-{name}
    build:
      context: ./
      dockerfile: ${{DOCKERFILE_{index}}}
      cache_from: ['${{IMAGE_NAME}}:${{IMAGE_VERSION:-latest}}-{name}']
    ports: ['${{PORT_THAT_NOBODY_SET:?}}']
    env_file: not-there.env
    logging: *logging
"
        )
        .unwrap();
        writeln!(env, "DOCKERFILE_{index}=./src/{name}/Dockerfile").unwrap();
        files.push((format!("src/{name}/Dockerfile"), String::new()));
    }
    files.extend([
        ("compose.yml".to_owned(), compose),
        (".env".to_owned(), env),
    ]);
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let (targets, warnings) = plan(&files, "", &[]);
    assert_eq!(targets.len(), 17);
    assert!(!warnings.contains("PORT_THAT_NOBODY_SET"), "{warnings}");
    let last = &targets["service-17"];
    assert_eq!(last["context_path"], ".");
    assert_eq!(last["dockerfile_path"], "src/service-17/Dockerfile");
    assert_eq!(last["tags"], json!(["ghcr.io/demo:1.2.3-service-17"]));
    assert_eq!(
        last["options"]["cache_from"],
        json!(["type=registry,ref=ghcr.io/demo:latest-service-17"])
    );
}

/// After docker-compose.yml of getsentry/self-hosted.
const SENTRY: &str = "x-sentry-defaults: &sentry_defaults
  image: sentry-self-hosted-local
  build:
    context: ./sentry
    args:
      - SENTRY_IMAGE
  depends_on:
    redis: {condition: service_healthy}
  environment:
    PYTHONUSERBASE: '/data/custom-packages'
x-file-healthcheck: &file_healthcheck_defaults {test: [CMD, rm]}
services:
  redis: {image: 'redis:6.2'}
  web:
    <<: *sentry_defaults
    ulimits: {nofile: {soft: 4096, hard: 4096}}
    healthcheck: {<<: *file_healthcheck_defaults}
  cron:
    <<: *sentry_defaults
    command: run cron
  worker:
    <<: [*sentry_defaults, *file_healthcheck_defaults]
    profiles: [feature-complete]
  cleanup:
    image: sentry-cleanup-self-hosted-local
    build:
      context: ./cron
      args: {BASE_IMAGE: sentry-self-hosted-local}
  vroom-cleanup:
    image: vroom-cleanup
    build: ./cron
    profiles: [feature-complete]
";

const SENTRY_FILES: [(&str, &str); 4] = [
    ("docker-compose.yml", SENTRY),
    (".env", "SENTRY_IMAGE=ghcr.io/getsentry/sentry:24\n"),
    (
        "sentry/Dockerfile",
        "ARG SENTRY_IMAGE\nFROM ${SENTRY_IMAGE}\n",
    ),
    (
        "cron/Dockerfile",
        "ARG BASE_IMAGE=scratch\nFROM ${BASE_IMAGE}\n",
    ),
];

#[test]
fn services_that_share_an_image_and_its_build_are_built_once() {
    assert_plan(
        "shared",
        &SENTRY_FILES,
        "",
        &json!({
            "cleanup": { "depends_on": ["cron"] },
            "cron": {
                "tags": ["sentry-self-hosted-local"],
                "build_args": { "SENTRY_IMAGE": "ghcr.io/getsentry/sentry:24" },
                "depends_on": [],
            },
        }),
    );
}

#[test]
fn a_shared_build_answers_to_every_name() {
    for name in ["cron", "web", "worker"] {
        assert_plan(name, &SENTRY_FILES, name, &json!({ "cron": {} }));
    }
}

#[test]
fn profiles_switch_services_on() {
    let all = json!({ "cleanup": {}, "cron": {}, "vroom-cleanup": {} });
    assert_plan(
        "argument",
        &SENTRY_FILES,
        "--profile feature-complete",
        &all,
    );
    assert_plan("all", &SENTRY_FILES, "--profile *", &all);
    let environment = [("COMPOSE_PROFILES", "x,feature-complete")];
    assert_plan_with("environment", &SENTRY_FILES, "", &environment, &all);
    assert_plan(
        "by name",
        &SENTRY_FILES,
        "vroom-cleanup",
        &json!({ "vroom-cleanup": {} }),
    );
}

#[test]
fn depends_on_orders_containers_and_not_builds() {
    let compose =
        "services:\n  a: {build: ., depends_on: [b]}\n  b: {build: ., depends_on: [a, gone]}\n";
    assert_plan(
        "depends_on",
        &[("compose.yml", compose), ("Dockerfile", "")],
        "",
        &json!({ "a": { "depends_on": [] }, "b": { "depends_on": [] } }),
    );
}

#[test]
fn what_only_containers_use_breaks_no_build() {
    // docker/buildx#903: a fault in an env file that the build never needs.
    let compose = "services:
  db: {image: 'postgres:${UNSET_AND_REQUIRED:?}', environment: {A: $1}}
  web:
    build: .
    env_file: [broken.env, not-there.env]
    environment: ['PASSWORD=${ALSO_REQUIRED:?}']
    ports: [not, a, port]
    deploy: [not, what, compose, takes]
    volumes: {neither: is this}
volumes: 3
";
    let files = [
        ("compose.yml", compose),
        ("broken.env", "= =\n"),
        ("Dockerfile", ""),
    ];
    assert_plan("runtime", &files, "", &json!({ "web": {} }));
}
