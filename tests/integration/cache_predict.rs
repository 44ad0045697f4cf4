//! What a change makes run again, from a build report alone, and from the commits of a repository.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tests::report::{assert_valid, kind, parse_lines};
use tests::tool::{Finished, Tool};

/// A build of `app` in a folder: `COPY src src` took 100 ms, `RUN make` 3000 ms, and the image, which
/// copies what was made, another 50 ms for that and 190 ms to be written.
fn build(context_dir: &str) -> Value {
    json!({
        "schema": "urn:lucid:report/build/1.3",
        "tool": { "name": "build-orchestrator", "version": "0.1.0" },
        "id": "sha256:1",
        "created_at": "2026-01-01T00:00:00.000Z",
        "verdict": "pass",
        "inputs": [],
        "findings": [],
        "data": {
            "engine": { "version": "20.10.24", "api_version": "1.41", "platform": "linux/amd64" },
            "parallel_max": 2,
            "no_cache": false,
            "targets": [{
                "plan": {
                    "name": "app",
                    "context_path": context_dir,
                    "dockerfile_path": Path::new(context_dir).join("Dockerfile"),
                    "stage": null,
                    "platform": null,
                    "tags": ["app"],
                    "build_args": {},
                    "labels": {},
                    "depends_on": [],
                    "stages": [stage(0, "build"), stage(1, "runtime")],
                },
                "status": "built",
                "started_ms": 0,
                "duration_ms": 3500,
                "image": null,
                "context": { "file_count": 1, "size_bytes": 1, "sent_bytes": 1 },
                "steps": steps(),
                "error": null,
            }],
            "totals": {
                "duration_ms": 3500,
                "target_count": 1,
                "built_count": 1,
                "step_count": 3,
                "cached_count": 0,
                "step_duration_ms": 3150,
                "sent_bytes": 1,
            },
            "critical_path": [],
        },
    })
}

fn steps() -> Value {
    let mut copy = step("build/1", "instruction", "COPY src src", (100, 100));
    let mut make = step("build/2", "instruction", "RUN make", (210, 3000));
    let mut take = step(
        "runtime/1",
        "instruction",
        "COPY --from=build /app /app",
        (3260, 50),
    );
    copy["depends_on"] = json!(["app/load build context"]);
    make["depends_on"] = json!(["app/build/1"]);
    take["depends_on"] = json!(["app/build/2"]);
    json!([
        step(
            "load build context",
            "internal",
            "load build context",
            (50, 20)
        ),
        copy,
        make,
        take,
        step(
            "exporting to image",
            "export",
            "exporting to image",
            (3320, 170)
        ),
    ])
}

fn step(id: &str, kind: &str, name: &str, (start_ms, duration_ms): (u64, u64)) -> Value {
    json!({
        "id": format!("app/{id}"),
        "kind": kind,
        "stage": id.split_once('/').map(|(stage, _)| stage),
        "name": name,
        "location": null,
        "cached": false,
        "shared_with": null,
        "started_ms": start_ms,
        "duration_ms": duration_ms,
        "depends_on": [],
        "context_files": null,
        "log_tail": [],
        "error": null,
    })
}

fn stage(index: u32, name: &str) -> Value {
    json!({
        "index": index,
        "name": name,
        "location": { "path": "Dockerfile", "line": 1 },
        "base": { "kind": "scratch" },
        "copies_from": [],
        "instructions": [],
    })
}

/// A folder with a context `web` in it, and other files beside.
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("web/Dockerfile", "FROM scratch\n"),
        ("web/.dockerignore", "*.log\n"),
        ("web/src/main.c", "1\n"),
        ("web/src/util.c", "1\n"),
        ("api/b.c", "1\n"),
    ] {
        write(dir.path(), path, text);
    }
    dir
}

fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
}

fn predict(dir: &Path, args: &str) -> Finished {
    let tool = Tool::new("cache-optimizer").args("predict").args(args);
    tool.stdin(build("web").to_string()).current_dir(dir).run()
}

fn report(dir: &Path, args: &str) -> Value {
    let written = predict(dir, args).expect_exit(0);
    let report = parse_lines(&written).pop().unwrap();
    assert_valid(&report);
    report["data"].clone()
}

fn git(dir: &Path, args: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.c",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(args)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn commit(dir: &Path) {
    git(dir, &["add", "--all"]);
    git(
        dir,
        &["commit", "--quiet", "--message", "a change\n\nof two lines"],
    );
}

#[test]
fn a_change_runs_what_takes_it_and_what_follows() {
    let dir = project();
    let data = report(dir.path(), "--only --commits 0 --if-changed web/src/main.c");
    let rebuild = &data["rebuild"];
    assert_eq!(rebuild["predicted_ms"], 3500);
    // Without the copy of what was made, and without a new image.
    assert_eq!(rebuild["certain_ms"], 3210);
    assert_eq!(rebuild["step_ms"], 3150);
    assert_eq!(data["overhead_ms"], 100);
    let steps = rebuild["targets"][0]["steps"].as_array().unwrap();
    let shown: Vec<_> = steps
        .iter()
        .map(|step| {
            (
                step["step"].as_str().unwrap(),
                step["likelihood"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("app/build/1", "certain"),
        ("app/build/2", "certain"),
        ("app/runtime/1", "probable"),
    ];
    assert_eq!(shown, expected);
    assert_eq!(
        steps[0]["cause"],
        json!({ "kind": "files-changed", "paths": ["src/main.c"] })
    );
}

#[test]
fn paths_are_relative_to_the_working_directory_and_need_not_exist() {
    let dir = project();
    let effect = |from: &str, path: &str| {
        let args = format!("--only --commits 0 --if-changed {path}");
        let tool = Tool::new("cache-optimizer").args("predict").args(&args);
        let context_dir = dir.path().join("web").display().to_string();
        let tool = tool.stdin(build(&context_dir).to_string());
        let written = tool
            .current_dir(&dir.path().join(from))
            .run()
            .expect_exit(0);
        parse_lines(&written)[0]["data"]["changed"][0]["effect"].clone()
    };
    for (from, path, expected) in [
        (".", "web/src/new.c", "taken"),
        ("web/src", "new.c", "taken"),
        ("api", "../web/src/deep/new.c", "taken"),
        (".", "web/src/", "taken"),
        (".", "web/README", "unused"),
        (".", "web/run.log", "ignored"),
        ("web", "Dockerfile", "recipe"),
        ("web", ".dockerignore", "recipe"),
    ] {
        assert_eq!(effect(from, path), expected, "{path} from {from}");
    }
}

#[test]
fn a_path_in_no_context_is_refused_with_the_contexts() {
    let dir = project();
    let finished = predict(dir.path(), "--commits 0 --if-changed api/b.c");
    for text in [
        "`api/b.c` is in no build context of the build",
        "the build contexts are `web`",
    ] {
        assert!(finished.stderr.contains(text), "{}", finished.stderr);
    }
    assert_eq!(finished.expect_exit(2), "");
}

#[test]
fn without_a_build_report_there_is_nothing_to_predict() {
    let finished = Tool::new("cache-optimizer").args("predict").run();
    let expected = "there is no build report to predict from";
    assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    assert_eq!(finished.expect_exit(2), "");
}

#[test]
fn the_reports_that_were_read_are_passed_on() {
    let dir = project();
    let written = predict(dir.path(), "--commits 0 --if-changed web/src").expect_exit(0);
    let reports = parse_lines(&written);
    assert_eq!(
        reports.iter().map(kind).collect::<Vec<_>>(),
        ["build", "rebuild"]
    );
    assert_eq!(reports[1]["data"]["report"], reports[0]["id"]);
}

#[test]
fn without_a_repository_commits_are_left_out_or_refused() {
    let dir = project();
    let data = report(dir.path(), "--only --if-changed web/src");
    assert_eq!(data["commits"], Value::Null);
    let reason = data["no_commits_because"].as_str().unwrap();
    assert!(reason.contains("not a git repository"), "{reason}");
    let finished = predict(dir.path(), "");
    assert!(
        finished.stderr.contains("not a git repository"),
        "{}",
        finished.stderr
    );
    assert!(
        finished.stderr.contains("--if-changed"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(2), "");
}

/// A repository of five commits on its main line: the first; one of a source; one beside the context;
/// a merge that renames a source and adds an unused file; one of the Dockerfile.
fn repository() -> tempfile::TempDir {
    let dir = project();
    let path = dir.path();
    git(path, &["init", "--quiet"]);
    commit(path);
    write(path, "web/src/main.c", "22\n");
    commit(path);
    write(path, "api/b.c", "22\n");
    commit(path);
    git(path, &["checkout", "--quiet", "-b", "feature"]);
    git(path, &["mv", "web/src/util.c", "web/src/a b.c"]);
    commit(path);
    write(path, "web/notes", "1\n");
    commit(path);
    git(path, &["checkout", "--quiet", "main"]);
    git(
        path,
        &[
            "merge",
            "--quiet",
            "--no-ff",
            "--message",
            "merge",
            "feature",
        ],
    );
    write(path, "web/Dockerfile", "FROM scratch\n\n");
    commit(path);
    dir
}

#[test]
fn commits_that_touched_the_context_are_counted() {
    let dir = repository();
    let commits = report(dir.path(), "--only")["commits"].clone();
    assert_eq!(commits["commit_count"], 3);
    assert_eq!(commits["rebuild_count"], 2);
    assert_eq!(commits["recipe_commit_count"], 1);
    assert_eq!(commits["is_shallow"], false);
    // 3500 ms twice, and once 100 ms for nothing.
    assert_eq!(commits["expected_ms"], 2367);
    assert_eq!(commits["expected_step_ms"], 2100);
}

#[test]
fn files_share_what_they_make_run_and_steps_are_counted() {
    let dir = repository();
    let commits = report(dir.path(), "--only")["commits"].clone();
    let files: Vec<_> = commits["files"].as_array().unwrap().iter().collect();
    let shown = files
        .iter()
        .map(|file| (&file["path"], &file["commit_count"], &file["step_ms"]));
    let expected = [
        (json!("web/src/main.c"), json!(1), json!(3150)),
        (json!("web/src/a b.c"), json!(1), json!(1575)),
        (json!("web/src/util.c"), json!(1), json!(1575)),
    ];
    assert_eq!(
        shown.collect::<Vec<_>>(),
        expected
            .iter()
            .map(|(a, b, c)| (a, b, c))
            .collect::<Vec<_>>()
    );
    let step = &commits["steps"][0];
    assert_eq!(
        (&step["step"], &step["certain_count"]),
        (&json!("app/build/2"), &json!(2))
    );
    assert_eq!(step["step_ms"], 6000);
}

#[test]
fn the_number_of_commits_is_limited() {
    let dir = repository();
    let commits = report(dir.path(), "--only --commits 1")["commits"].clone();
    assert_eq!(
        (&commits["commit_count"], &commits["rebuild_count"]),
        (&json!(1), &json!(0))
    );
}

#[test]
fn the_first_commit_of_a_shallow_clone_is_left_out() {
    let dir = repository();
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", dir.path().display());
    git(
        clone.path(),
        &["clone", "--quiet", "--depth", "2", &url, "."],
    );
    let commits = report(clone.path(), "--only")["commits"].clone();
    assert_eq!(
        (&commits["commit_count"], &commits["is_shallow"]),
        (&json!(1), &json!(true))
    );
}

#[test]
fn a_time_that_this_build_does_not_know_comes_from_the_history() {
    let dir = project();
    let history = tempfile::tempdir().unwrap();
    let mut earlier = build("web");
    earlier["id"] = json!("sha256:0");
    write(history.path(), "0.json", &earlier.to_string());
    let mut now = build("web");
    now["data"]["targets"][0]["steps"][2]["cached"] = json!(true);
    now["data"]["targets"][0]["steps"][2]["duration_ms"] = json!(0);
    let predict = |args: &str| {
        let tool = Tool::new("cache-optimizer").args("predict --only --commits 0");
        let tool = tool
            .args("--if-changed web/src")
            .args(args)
            .arg("--history")
            .arg(history.path());
        let written = tool
            .stdin(now.to_string())
            .current_dir(dir.path())
            .run()
            .expect_exit(0);
        parse_lines(&written)[0]["data"].clone()
    };
    let data = predict("");
    let make = &data["rebuild"]["targets"][0]["steps"][1];
    assert_eq!(
        (&make["duration_ms"], &make["measured_in"]),
        (&json!(3000), &json!("sha256:0"))
    );
    assert_eq!(data["rebuild"]["unknown_count"], 0);
    assert_eq!(data["history"], json!(["sha256:0"]));
    fs_err::remove_file(history.path().join("0.json")).unwrap();
    let data = predict("");
    let make = &data["rebuild"]["targets"][0]["steps"][1];
    assert_eq!(
        (&make["duration_ms"], &make["measured_in"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(data["rebuild"]["unknown_count"], 1);
}
