//! Folders of artifacts: listing, checking and pruning what builds keep.

use serde_json::{Value, json};
use std::process::Command;
use tempfile::TempDir;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

/// A folder with the artifacts of builds, each given as its time and the contents of its files. The
/// digests are those of `sha256sum`.
fn folder(builds: &[(&str, &[&str])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for part in ["sha256", "manifests", "tmp"] {
        fs_err::create_dir(dir.path().join(part)).unwrap();
    }
    for (number, (created_at, contents)) in builds.iter().enumerate() {
        let artifacts: Vec<Value> = contents
            .iter()
            .map(|content| {
                let hex = keep(&dir, content);
                json!({
                    "name": "out.tar", "target": "app", "kind": "tar", "tags": [],
                    "size_bytes": content.len(), "digest": format!("sha256:{hex}"),
                })
            })
            .collect();
        let manifest = json!({
            "schema": "urn:lucid:report/artifacts/1.0",
            "tool": {"name": "build-orchestrator", "version": "0.1.0"},
            "id": format!("sha256:{number}"), "created_at": created_at, "verdict": "pass",
            "inputs": [], "findings": [],
            "data": {
                "builds": [{"build": format!("build-{number}"), "created_at": created_at, "artifacts": artifacts}],
                "size_bytes": 0, "pruned": null,
            },
        });
        let path = dir.path().join(format!("manifests/{number}.json"));
        fs_err::write(path, manifest.to_string()).unwrap();
    }
    dir
}

fn keep(dir: &TempDir, content: &str) -> String {
    let new = dir.path().join("new");
    fs_err::write(&new, content).unwrap();
    let output = Command::new("sha256sum").arg(&new).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let hex = text.split(' ').next().unwrap().to_owned();
    fs_err::rename(new, dir.path().join("sha256").join(&hex)).unwrap();
    hex
}

fn artifacts(command: &str, dir: &TempDir, args: &str, exit: i32) -> Value {
    let finished = Tool::new("build-orchestrator")
        .args(&format!("artifacts {command}"))
        .arg(dir.path())
        .args(args)
        .run();
    let report = parse_lines(&finished.expect_exit(exit)).remove(0);
    assert_valid(&report);
    report
}

fn content_count(dir: &TempDir) -> usize {
    fs_err::read_dir(dir.path().join("sha256")).unwrap().count()
}

const OLD: (&str, &[&str]) = ("2020-01-01T00:00:00.000Z", &["shared", "old"]);
const NEW: (&str, &[&str]) = ("2020-02-01T00:00:00.000Z", &["shared", "newer"]);

#[test]
fn builds_are_listed_newest_first_and_what_they_share_counts_once() {
    let dir = folder(&[OLD, NEW]);
    fs_err::write(dir.path().join("tmp/half"), "not whole").unwrap();
    let report = artifacts("list", &dir, "", 0);
    let builds = report["data"]["builds"].as_array().unwrap();
    let ids: Vec<&str> = builds
        .iter()
        .map(|it| it["build"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["build-1", "build-0"]);
    assert_eq!(report["data"]["size_bytes"], 14);
    assert_eq!(artifacts("verify", &dir, "", 0)["verdict"], "pass");
}

#[test]
fn an_empty_folder_is_an_empty_list_and_a_missing_one_an_error() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(artifacts("list", &dir, "", 0)["data"]["builds"], json!([]));
    let finished = Tool::new("build-orchestrator")
        .args("artifacts list /nonexistent")
        .run();
    assert!(
        finished.stderr.contains("/nonexistent"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(2), "");
}

#[test]
fn content_that_changed_or_is_gone_is_found() {
    let dir = folder(&[OLD]);
    let shared = keep(&dir, "shared");
    fs_err::write(dir.path().join("sha256").join(shared), "sHared").unwrap();
    let old = keep(&dir, "old");
    fs_err::remove_file(dir.path().join("sha256").join(old)).unwrap();
    let report = artifacts("verify", &dir, "", 1);
    let findings = report["findings"].as_array().unwrap();
    let rules: Vec<&str> = findings
        .iter()
        .map(|it| it["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["artifact-corrupted", "artifact-missing"]);
    assert!(findings[0]["message"].as_str().unwrap().contains("out.tar"));
}

#[test]
fn a_manifest_that_was_cut_is_named() {
    let dir = folder(&[OLD]);
    let path = dir.path().join("manifests/0.json");
    let text = fs_err::read_to_string(&path).unwrap();
    fs_err::write(&path, &text[..text.len() / 2]).unwrap();
    let report = artifacts("list", &dir, "", 1);
    assert_eq!(report["findings"][0]["rule"], "manifest-unreadable");
    assert!(
        report["findings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("manifests/0.json")
    );
}

#[test]
fn pruning_takes_the_oldest_and_keeps_what_others_share() {
    let dir = folder(&[OLD, NEW]);
    let dry = artifacts("prune", &dir, "--max-size 11B --dry-run", 0);
    assert_eq!(dry["data"]["pruned"]["builds"], json!(["build-0"]));
    assert_eq!(content_count(&dir), 3);
    let report = artifacts("prune", &dir, "--max-size 11B", 0);
    let pruned = &report["data"]["pruned"];
    assert_eq!(pruned["builds"], json!(["build-0"]));
    assert_eq!(
        (&pruned["file_count"], &pruned["size_bytes"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(content_count(&dir), 2);
    assert_eq!(artifacts("verify", &dir, "", 0)["verdict"], "pass");
    artifacts("prune", &dir, "--max-age 30d", 0);
    assert_eq!(content_count(&dir), 0);
}
