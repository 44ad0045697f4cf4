//! Patches as diffs that other programs apply, and written in place.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use tests::tool::{Finished, Tool, binary_path};

/// A file that `apt-update-alone` mends.
const FAULTY: &str = "\
FROM debian:12
RUN apt-get update
RUN apt-get install -y curl
COPY . /app
";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    dir
}

fn fix(dir: &Path, args: &str) -> Finished {
    let tool = Tool::new("cache-optimizer").args("fix").args(args);
    tool.current_dir(dir).run()
}

fn read(dir: &Path, path: &str) -> String {
    fs_err::read_to_string(dir.join(path)).unwrap()
}

/// Applies a diff with another program, in a folder with these files.
#[track_caller]
fn applied(program: &[&str], diff: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = folder(files);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(file.path(), diff).unwrap();
    let output = Command::new(program[0])
        .args(&program[1..])
        .stdin(Stdio::from(file.reopen().unwrap()))
        .current_dir(dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program:?}: {said}\n{diff}");
    dir
}

/// Asserts that the diff of what is fixed makes of the files the same as `--write` does, whoever
/// applies it, and gives the folder as it is then.
#[track_caller]
fn assert_applies(args: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = folder(files);
    let diff = fix(dir.path(), args).expect_exit(0);
    for (path, text) in files {
        assert_eq!(read(dir.path(), path), *text, "a diff changes nothing");
    }
    let written = fix(dir.path(), &format!("{args} --write")).expect_exit(0);
    assert_eq!(written, "");
    let mut paths: Vec<_> = files.iter().map(|(path, _)| *path).collect();
    if dir.path().join(".dockerignore").exists() {
        paths.push(".dockerignore");
    }
    for program in [&["git", "apply"][..], &["patch", "-p1", "--binary"]] {
        let applied = applied(program, &diff, files);
        for path in &paths {
            assert_eq!(
                read(applied.path(), path),
                read(dir.path(), path),
                "{program:?}"
            );
        }
    }
    dir
}

#[test]
fn diffs_are_what_git_and_patch_read() {
    let rule = "--rule apt-update-alone";
    let dir = assert_applies(&format!("{rule} Dockerfile"), &[("Dockerfile", FAULTY)]);
    let mended = read(dir.path(), "Dockerfile");
    assert_ne!(mended, FAULTY);
    assert!(
        mended.ends_with("COPY . /app\n"),
        "the rest stays: {mended}"
    );

    let files = [("web/Dockerfile", FAULTY), ("db/Dockerfile", FAULTY)];
    assert_applies(&format!("{rule} ./web/Dockerfile db/Dockerfile"), &files);
}

#[test]
fn line_ends_stay_as_they_are() {
    let crlf = FAULTY.replace('\n', "\r\n");
    let args = "--rule apt-update-alone Dockerfile";
    let dir = assert_applies(args, &[("Dockerfile", &crlf)]);
    let mended = read(dir.path(), "Dockerfile");
    assert_eq!(mended.matches('\n').count(), mended.matches("\r\n").count());

    let dir = assert_applies(args, &[("Dockerfile", FAULTY.trim_end())]);
    assert!(read(dir.path(), "Dockerfile").ends_with("COPY . /app"));
}

#[test]
fn an_ignore_file_is_made_once_for_all_dockerfiles_of_a_context() {
    let dockerfile = "FROM scratch\nCOPY . /app\n";
    let files = [
        ("a.Dockerfile", dockerfile),
        ("b.Dockerfile", dockerfile),
        (".mypy_cache/a", "x"),
    ];
    let args = "--rule missing-dockerignore a.Dockerfile b.Dockerfile";
    let dir = assert_applies(args, &files);
    let ignored = read(dir.path(), ".dockerignore");
    assert_eq!(ignored, ".mypy_cache\n");
}

#[test]
fn a_link_to_a_dockerfile_stays_one() {
    let dir = folder(&[("build/Dockerfile", FAULTY)]);
    symlink("build/Dockerfile", dir.path().join("Dockerfile")).unwrap();
    let args = "--write --rule apt-update-alone Dockerfile";
    let _ = fix(dir.path(), args).expect_exit(0);
    let link = fs_err::symlink_metadata(dir.path().join("Dockerfile"));
    assert!(link.unwrap().is_symlink());
    assert_ne!(read(dir.path(), "build/Dockerfile"), FAULTY);
}

#[test]
fn a_read_only_file_is_refused_and_stays() {
    let dir = folder(&[("Dockerfile", FAULTY)]);
    let path = dir.path().join("Dockerfile");
    fs_err::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
    let finished = fix(dir.path(), "--write --rule apt-update-alone Dockerfile");
    assert!(
        finished.stderr.contains("is read-only"),
        "{}",
        finished.stderr
    );
    let _ = finished.expect_exit(2);
    assert_eq!(read(dir.path(), "Dockerfile"), FAULTY);
}

#[test]
fn an_unknown_rule_is_refused_with_the_nearest_one() {
    let dir = folder(&[("Dockerfile", FAULTY)]);
    let near = fix(dir.path(), "--rule copy-befor-install Dockerfile");
    let expected = "error: there is no rule `copy-befor-install`\nhint: did you mean \
                    `copy-before-install`?\n";
    assert_eq!(near.stderr, expected);
    let _ = near.expect_exit(2);
    let far = fix(dir.path(), "--rule x Dockerfile");
    assert!(far.stderr.contains("`cache-optimizer rules` lists them"));
}

#[test]
fn only_the_line_asked_for_is_mended() {
    let twice = format!("{FAULTY}FROM debian:12\nRUN apt-get update\nRUN apt-get install -y git\n");
    let dir = folder(&[("Dockerfile", &twice)]);
    let at = |line| {
        let args = format!("--rule apt-update-alone --line {line} Dockerfile");
        fix(dir.path(), &args)
    };
    let second = at(6);
    assert!(
        second
            .stderr
            .starts_with("Dockerfile:6: apt-update-alone\n")
    );
    let diff = second.expect_exit(0);
    assert!(
        diff.contains("git") && !diff.contains("-RUN apt-get install -y curl"),
        "{diff}"
    );
    let none = at(1);
    assert_eq!(none.stderr, "no patch is offered for what was asked\n");
    assert_eq!(none.expect_exit(0), "");
}

#[test]
fn nothing_to_fix_changes_nothing() {
    let dir = folder(&[("Dockerfile", "FROM scratch\nCOPY a /a\n"), ("a", "a")]);
    let finished = fix(dir.path(), "--write --rule apt-update-alone Dockerfile");
    assert_eq!(finished.stderr, "no patch is offered for what was asked\n");
    assert_eq!(finished.expect_exit(0), "");
    let none = fix(dir.path(), "");
    assert!(
        none.stderr
            .contains("neither a build report nor a Dockerfile")
    );
    let _ = none.expect_exit(2);
}

#[test]
fn the_first_line_of_a_diff_can_be_taken() {
    let dir = folder(&[("Dockerfile", FAULTY)]);
    let tool = binary_path("cache-optimizer");
    let script = format!(
        "set -o pipefail; '{}' fix --quiet --rule apt-update-alone Dockerfile | head -1",
        tool.display()
    );
    let mut command = Command::new("bash");
    let output = command
        .args(["-c", &script])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "--- a/Dockerfile\n"
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_tool_that_verify_needs_and_that_is_nowhere_is_named() {
    let dir = folder(&[("Dockerfile", FAULTY)]);
    let alone = dir.path().join("cache-optimizer");
    fs_err::copy(binary_path("cache-optimizer"), &alone).unwrap();
    let mut command = Command::new(&alone);
    command
        .args(["verify", "Dockerfile"])
        .env("PATH", "/nonexistent");
    let output = command.current_dir(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = format!(
        "error: `build-orchestrator` is neither beside `{}` nor in a folder of `PATH`\n",
        alone.display()
    );
    assert!(said.starts_with(&expected), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_verification_of_nothing_is_refused() {
    let dir = folder(&[("Dockerfile", FAULTY), ("b/Dockerfile", FAULTY)]);
    let verify = |args: &str| {
        let tool = Tool::new("cache-optimizer").args("verify").args(args);
        tool.current_dir(dir.path()).run()
    };
    for (args, message) in [
        ("", "neither a build report nor a Dockerfile"),
        (
            "Dockerfile b/Dockerfile --patched Dockerfile",
            "there are several",
        ),
        ("Dockerfile --max-time 0s", "longer than nothing"),
        ("Dockerfile --runs 0", "--runs"),
        (
            "Dockerfile --change missing",
            "offers no text file at `missing`",
        ),
        ("Dockerfile --commits 3", "has no Git history"),
        ("Dockerfile --context missing", "is not a folder"),
    ] {
        let finished = verify(args);
        assert!(
            finished.stderr.contains(message),
            "{args}: {}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "", "{args}");
    }
}
