//! Several files: merged, extended, included.

use crate::compose::assert_plan;
use serde_json::json;

#[test]
fn later_files_win_and_add() {
    let base = "services:
  web:
    image: web:1
    build:
      context: ./app
      target: runtime
      args: [A=1, B=2]
      labels: {x: 1}
      tags: [web:a]
      cache_from: [c:1]
      extra_hosts: [a=1.1.1.1]
";
    let over = "services:
  web:
    build:
      target: debug
      args: {B: 3, C: 4}
      labels: [x=2, y=3]
      tags: [web:a, web:b]
      cache_from: [c:1, c:2]
      extra_hosts: {b: 2.2.2.2}
  extra: {build: .}
";
    // The path of the second file's context starts from the first file's folder.
    let dockerfile = "FROM scratch AS runtime\nFROM scratch AS debug\n";
    let files = [
        ("a/base.yml", base),
        ("b/over.yml", over),
        ("a/app/Dockerfile", dockerfile),
        ("a/Dockerfile", ""),
    ];
    assert_plan(
        "merge",
        &files,
        "--file a/base.yml --file b/over.yml",
        &json!({
            "extra": { "context_path": "a", "tags": ["a-extra"] },
            "web": {
                "context_path": "a/app",
                "stage": "debug",
                "build_args": { "A": "1", "B": "3", "C": "4" },
                "labels": { "x": "2", "y": "3" },
                "tags": ["web:1", "web:a", "web:b"],
                "options.cache_from": ["type=registry,ref=c:1", "type=registry,ref=c:2"],
                "options.extra_hosts": ["a=1.1.1.1", "b=2.2.2.2"],
            },
        }),
    );
}

#[test]
fn an_override_file_is_found_and_may_reset_and_replace() {
    let base = "services:
  web: {build: {context: ., args: {A: 1, B: 2}, tags: [a, b], labels: {x: 1}}}
  old: {build: .}
";
    let over = "services:
  web:
    build:
      args: !override {C: 3}
      tags: !reset []
      labels: {x: !reset null}
  old: !reset null
";
    assert_plan(
        "reset and override",
        &[
            ("compose.yaml", base),
            ("compose.override.yaml", over),
            ("Dockerfile", ""),
        ],
        "",
        &json!({ "web": { "build_args": { "C": "3" }, "tags": ["shop-web"], "labels": {} } }),
    );
}

#[test]
fn a_short_form_merges_with_a_long_one() {
    let base = "services: {web: {build: app}}\n";
    let over = "services: {web: {build: {target: debug}}}\n";
    assert_plan(
        "short and long",
        &[
            ("a.yml", base),
            ("b.yml", over),
            ("app/Dockerfile", "FROM scratch AS debug\n"),
        ],
        "--file a.yml --file b.yml",
        &json!({ "web": { "context_path": "app", "stage": "debug" } }),
    );
}

#[test]
fn a_service_extends_others_of_its_file_and_of_others() {
    let compose = "services:
  web:
    extends: {file: common/base.yml, service: app}
    build: {args: {C: 3}}
  worker:
    extends: web
    build: {target: worker}
";
    let base = "services:
  root: {build: {context: ., args: {A: 1, B: 1}}}
  app: {extends: {service: root}, image: app, build: {args: {B: 2}}}
";
    // The extended file's context is beside that file.
    let dockerfile = "FROM scratch AS worker\n";
    assert_plan(
        "extends",
        &[
            ("compose.yml", compose),
            ("common/base.yml", base),
            ("common/Dockerfile", dockerfile),
        ],
        "",
        &json!({
            "web": { "context_path": "common", "tags": ["app"], "build_args": { "A": "1", "B": "2", "C": "3" }, "stage": null },
            "worker": { "context_path": "common", "tags": ["app"], "build_args": { "A": "1", "B": "2", "C": "3" }, "stage": "worker" },
        }),
    );
}

#[test]
fn an_included_project_has_a_folder_and_variables_of_its_own() {
    let compose = "include:
  - sub/compose.yml
  - path: [other/a.yml, other/b.yml]
    project_directory: .
    env_file: other/values.env
services:
  web: {build: .}
";
    let sub = "services:\n  sub: {image: 'sub:${TAG}-${BOTH}', build: {context: ., secrets: [s]}}\nsecrets: {s: {file: s.txt}}\n";
    let a = "services:\n  other: {image: 'other:${TAG}', build: .}\n";
    let b = "services:\n  other: {build: {args: {B: 1}}}\n";
    assert_plan(
        "include",
        &[
            ("compose.yml", compose),
            (".env", "BOTH=outer\n"),
            ("Dockerfile", ""),
            ("sub/compose.yml", sub),
            ("sub/.env", "TAG=1\nBOTH=inner\n"),
            ("sub/Dockerfile", ""),
            ("other/a.yml", a),
            ("other/b.yml", b),
            ("other/values.env", "TAG=2\n"),
        ],
        "",
        &json!({
            "other": { "tags": ["other:2"], "context_path": ".", "build_args": { "B": "1" } },
            "sub": { "tags": ["sub:1-outer"], "context_path": "sub", "options.secrets": ["id=s,src=sub/s.txt"] },
            "web": { "tags": ["shop-web"] },
        }),
    );
}

#[test]
fn a_file_that_two_files_include_is_no_conflict_and_can_be_overridden() {
    let base = "services: {lib: {build: .}}\n";
    let files = [
        ("compose.yml", "include: [a/compose.yml, b/compose.yml]\n"),
        (
            "compose.override.yml",
            "services: {lib: {image: 'lib:mine'}}\n",
        ),
        (
            "a/compose.yml",
            "include: [../base/compose.yml]\nservices: {a: {build: .}}\n",
        ),
        (
            "b/compose.yml",
            "include: [../base/compose.yml]\nservices: {b: {build: .}}\n",
        ),
        ("base/compose.yml", base),
        ("a/Dockerfile", ""),
        ("b/Dockerfile", ""),
        ("base/Dockerfile", ""),
    ];
    assert_plan(
        "diamond",
        &files,
        "",
        &json!({
            "a": { "context_path": "a" },
            "b": { "context_path": "b" },
            "lib": { "context_path": "base", "tags": ["lib:mine"] },
        }),
    );
}
