//! Compose files, resolved as compose would.
//!
//! Every case is a folder of small files and what the plan of it says, worked out by hand from the
//! compose specification or from the bug report that it is named after.

use serde_json::{Map, Value, json};
use std::path::Path;
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Finished, Tool};

/// Path and text. A Dockerfile without a text is `FROM scratch`.
pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn run(files: Files, args: &str, environment: &[(&str, &str)]) -> Finished {
    let folder = tempfile::tempdir().unwrap();
    // The folder's name is the project's.
    let shop = folder.path().join("shop");
    for (path, text) in files {
        let is_dockerfile = path.ends_with("Dockerfile") && text.is_empty();
        let text = if is_dockerfile {
            "FROM scratch\n"
        } else {
            text
        };
        write(&shop.join(path), text);
    }
    let tool = Tool::new("build-orchestrator")
        .args("plan --format json")
        .args(args)
        .current_dir(&shop);
    let set = |tool: Tool, (name, value): &(&str, &str)| tool.env(name, value);
    environment.iter().fold(tool, set).run()
}

fn write(path: &Path, text: &str) {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
}

/// The planned targets by name, and what was warned of.
pub(crate) fn plan(
    files: Files,
    args: &str,
    environment: &[(&str, &str)],
) -> (Map<String, Value>, String) {
    let finished = run(files, args, environment);
    let warnings = finished.stderr.clone();
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    assert_valid(&report);
    let targets = report["data"]["targets"].as_array().unwrap();
    let named = |target: &Value| (target["name"].as_str().unwrap().to_owned(), target.clone());
    (targets.iter().map(named).collect(), warnings)
}

/// Checks that exactly these targets are planned, and what is said of each. A key with a dot is one
/// of a mapping inside.
pub(crate) fn assert_plan(case: &str, files: Files, args: &str, expected: &Value) {
    assert_plan_with(case, files, args, &[], expected);
}

pub(crate) fn assert_plan_with(
    case: &str,
    files: Files,
    args: &str,
    environment: &[(&str, &str)],
    expected: &Value,
) {
    let (targets, _) = plan(files, args, environment);
    let expected = expected.as_object().unwrap();
    let names = |all: &Map<String, Value>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&targets), names(expected), "{case}");
    for (name, keys) in expected {
        for (key, value) in keys.as_object().unwrap() {
            let found = key
                .split('.')
                .fold(&targets[name], |found, key| &found[key]);
            assert_eq!(found, value, "{case}: {name}.{key}");
        }
    }
}

#[test]
fn a_service_that_is_not_built_is_no_target() {
    let compose = "services:\n  db: {image: postgres}\n  web: {build: .}\n";
    assert_plan(
        "images only",
        &[("compose.yml", compose), ("Dockerfile", "")],
        "",
        &json!({ "web": { "tags": ["shop-web"], "context_path": ".", "dockerfile_path": "Dockerfile" } }),
    );
}
