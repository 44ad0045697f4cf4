//! Why steps ran, and which should have: each kind of cause in two real builds.

use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use tests::private::PrivateEngine;
use tests::project::Made;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

const DOCKERFILE: &str = "\
FROM scratch AS build
COPY busybox /bin/sh
COPY etc /etc
COPY src /src
ARG V=1
ENV E=1
USER 0
RUN echo built > /out
FROM scratch
COPY busybox /bin/sh
COPY own /own
COPY --from=build /out /out
RUN --mount=type=bind,source=mounted,target=/m cat /m > /copied || true
";

/// A project that no other test shares a step with.
fn project(name: &str) -> Made {
    let files = [
        ("Dockerfile", DOCKERFILE),
        ("etc/passwd", "root:x:0:0::/:/bin/sh\n"),
        ("etc/group", "root:x:0:\n"),
        ("src/a", "a of NAME"),
        ("src/dir/b", "b"),
        ("own", "NAME"),
        ("mounted", "NAME"),
    ];
    Made::new(name, &files)
}

fn build(made: &Made, args: &str) -> String {
    let args = format!("build --only {args}");
    made.tool(&args).run().expect_exit(0)
}

/// The cache report on the second of two builds, between which `change` is made.
fn explained(made: &Made, args: [&str; 2], change: impl FnOnce()) -> Value {
    let before = build(made, args[0]);
    change();
    let after = build(made, args[1]);
    let baseline = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(baseline.path(), before).unwrap();
    let analyze = Tool::new("cache-optimizer")
        .args("analyze --only --baseline")
        .arg(baseline.path());
    let report = analyze.current_dir(made.dir()).stdin(after).run();
    let report = parse_lines(&report.expect_exit(0)).remove(0);
    assert_valid(&report);
    report
}

/// The cause of the one miss whose step's name contains a text.
#[track_caller]
fn cause<'a>(report: &'a Value, name: &str) -> &'a Value {
    let misses = report["data"]["misses"].as_array().unwrap();
    let mut named = misses
        .iter()
        .filter(|miss| miss["name"].as_str().unwrap().contains(name));
    let miss = named
        .next()
        .unwrap_or_else(|| panic!("{name} ran: {misses:#?}"));
    &miss["cause"]
}

#[test]
fn files_and_folders_that_changed_are_named() {
    let made = project("explain-files");
    let report = explained(&made, ["", ""], || {
        made.write("src/a", "longer than before, NAME");
        made.write("src/new", "new");
        fs_err::create_dir(made.path("src/empty")).unwrap();
        fs_err::remove_file(made.path("src/dir/b")).unwrap();
    });
    let changes = json!([
        { "path": "src/a", "change": "content" },
        { "path": "src/dir/b", "change": "removed" },
        { "path": "src/empty/", "change": "added" },
        { "path": "src/new", "change": "added" },
    ]);
    assert_eq!(cause(&report, "COPY src")["changes"], changes);
    let run = cause(&report, "RUN echo");
    assert_eq!(run["kind"], "dependency-ran");
}

#[test]
fn a_file_of_another_mode_is_named_and_so_is_a_new_folder_alone() {
    let made = project("explain-mode");
    let report = explained(&made, ["", ""], || {
        let mode = std::fs::Permissions::from_mode(0o600);
        fs_err::set_permissions(made.path("src/a"), mode).unwrap();
    });
    let changes = json!([{ "path": "src/a", "change": "mode" }]);
    assert_eq!(cause(&report, "COPY src")["changes"], changes);
    let report = explained(&made, ["", ""], || {
        fs_err::create_dir(made.path("src/empty")).unwrap();
    });
    let changes = json!([{ "path": "src/empty/", "change": "added" }]);
    assert_eq!(cause(&report, "COPY src")["changes"], changes);
}

#[test]
fn a_mounted_file_that_changed_is_named() {
    let made = project("explain-mount");
    let report = explained(&made, ["", ""], || made.write("mounted", "another"));
    let changes = json!([{ "path": "mounted", "change": "content" }]);
    assert_eq!(cause(&report, "RUN --mount")["changes"], changes);
    assert_eq!(report["data"]["misses"].as_array().unwrap().len(), 1);
}

#[test]
fn arguments_and_variables_are_named_with_both_values() {
    let made = project("explain-variables");
    let report = explained(&made, ["", "--build-arg V=2"], || {});
    let arg = json!({ "kind": "arg-changed", "name": "V", "before": "1", "after": "2" });
    assert_eq!(*cause(&report, "RUN echo"), arg);
    let report = explained(&made, ["", ""], || {
        made.write("Dockerfile", &DOCKERFILE.replace("ENV E=1", "ENV E=22"));
    });
    let env = json!({ "kind": "env-changed", "name": "E", "before": "1", "after": "22" });
    assert_eq!(*cause(&report, "RUN echo"), env);
}

#[test]
fn a_secret_looking_argument_is_named_without_its_values() {
    let made = project("explain-secret");
    made.write(
        "Dockerfile",
        &DOCKERFILE.replace("ARG V=1", "ARG API_TOKEN"),
    );
    let args = ["first", "second"].map(|value| format!("--build-arg API_TOKEN={value}-hush"));
    let report = explained(&made, [&args[0], &args[1]], || {});
    let expected = json!({
        "kind": "arg-changed", "name": "API_TOKEN", "before": "<redacted>", "after": "<redacted>"
    });
    assert_eq!(*cause(&report, "RUN echo"), expected);
    assert!(!report.to_string().contains("hush"));
}

#[test]
fn an_edited_instruction_is_named_with_what_it_was_and_a_user_as_a_setting() {
    let made = project("explain-edit");
    let report = explained(&made, ["", ""], || {
        made.write(
            "Dockerfile",
            &DOCKERFILE.replace("echo built", "echo built again"),
        );
    });
    let expected = json!({ "kind": "instruction-changed", "before": "RUN echo built > /out" });
    assert_eq!(*cause(&report, "RUN echo"), expected);
    made.write("Dockerfile", DOCKERFILE);
    let report = explained(&made, ["", ""], || {
        made.write("Dockerfile", &DOCKERFILE.replace("USER 0", "USER root"));
    });
    let user = json!({ "kind": "setting-changed", "name": "user", "before": "0", "after": "root" });
    assert_eq!(*cause(&report, "RUN echo"), user);
}

#[test]
fn another_image_under_the_name_of_a_base_is_named_with_both_digests() {
    let made = project("explain-base");
    let import = |content: &str| {
        let root = tempfile::tempdir().unwrap();
        fs_err::create_dir(root.path().join("bin")).unwrap();
        fs_err::copy(made.path("busybox"), root.path().join("bin/sh")).unwrap();
        fs_err::write(root.path().join("content"), content).unwrap();
        let archive = tempfile::NamedTempFile::new().unwrap();
        let mut tar = Command::new("tar");
        tar.arg("-cf")
            .arg(archive.path())
            .arg("-C")
            .arg(root.path());
        assert!(tar.arg(".").status().unwrap().success());
        let archive = archive.path().display().to_string();
        tests::docker::docker(&["import", &archive, &format!("{}-base", made.name())])
    };
    let first = import("1 of NAME");
    made.write("Dockerfile", "FROM NAME-base\nCOPY own /own\nRUN true\n");
    let mut second = String::new();
    let report = explained(&made, ["", ""], || second = import("2 of NAME"));
    let cause = cause(&report, "COPY own");
    assert_eq!(cause["kind"], "base-changed", "{cause}");
    assert_eq!(cause["before"], first);
    assert_eq!(cause["after"], second);
}

#[test]
fn a_stage_without_cache_and_a_whole_build_without_it_are_told() {
    let made = project("explain-no-cache");
    let report = explained(&made, ["", "--no-cache"], || {});
    assert_eq!(cause(&report, "COPY own")["kind"], "no-cache");
}

#[test]
fn a_step_of_which_nothing_changed_was_evicted() {
    let engine = PrivateEngine::start();
    let made = project("explain-evicted");
    let host = format!("--network none --host {}", engine.host());
    let report = explained(&made, [&host, &host], || {
        for args in [
            &["rmi", "--force"][..],
            &["builder", "prune", "--all", "--force"],
        ] {
            let docker = || {
                let mut docker = Command::new("docker");
                docker.arg("--host").arg(engine.host());
                docker
            };
            let images = docker().args(["images", "--quiet"]).output().unwrap();
            let images = String::from_utf8(images.stdout).unwrap();
            let mut command = docker();
            command.args(args);
            if args[0] == "rmi" {
                command.args(images.split_whitespace());
            }
            assert!(command.output().unwrap().status.success(), "{args:?}");
        }
    });
    let busybox = cause(&report, "COPY busybox");
    assert_eq!(busybox["kind"], "evicted", "{busybox}");
    assert_eq!(cause(&report, "COPY own")["kind"], "dependency-ran");
}

#[test]
fn a_hit_on_a_file_that_the_builder_did_not_look_at_is_suspicious() {
    let made = project("explain-stale");
    let report = explained(&made, ["", ""], || {
        let path = made.path("src/a");
        let time = fs_err::metadata(&path).unwrap().modified().unwrap();
        let text = fs_err::read_to_string(&path).unwrap();
        fs_err::write(&path, text.to_uppercase()).unwrap();
        let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
        file.file().set_modified(time).unwrap();
    });
    assert_eq!(report["data"]["misses"], json!([]));
    let hit = &report["data"]["suspicious_hits"][0];
    assert_eq!(hit["reason"], "same-size-and-time");
    assert_eq!(
        hit["changes"],
        json!([{ "path": "src/a", "change": "content" }])
    );
    assert_eq!(report["findings"][0]["rule"], "stale-hit");
}

#[test]
fn a_hit_in_spite_of_a_folders_permissions_is_suspicious() {
    let made = project("explain-folder");
    let report = explained(&made, ["", ""], || {
        let mode = std::fs::Permissions::from_mode(0o700);
        fs_err::set_permissions(made.path("src/dir"), mode).unwrap();
    });
    let hit = &report["data"]["suspicious_hits"][0];
    assert_eq!(hit["reason"], "folder-mode");
    assert_eq!(
        hit["changes"],
        json!([{ "path": "src/dir/", "change": "mode" }])
    );
}

#[test]
fn the_last_build_of_a_history_is_the_baseline() {
    let made = project("explain-history");
    let history = made.path("history");
    made.write(".dockerignore", "history\n");
    let analyze = |report: String| {
        let tool = Tool::new("cache-optimizer").args("analyze --only --history");
        let finished = tool
            .arg(&history)
            .current_dir(made.dir())
            .stdin(report)
            .run();
        parse_lines(&finished.expect_exit(0)).remove(0)
    };
    let first = analyze(build(&made, ""));
    assert_eq!(first["data"]["baseline"], Value::Null);
    made.write("src/a", "longer than before, NAME");
    let second = build(&made, "");
    let explained = analyze(second.clone());
    assert_eq!(cause(&explained, "COPY src")["kind"], "files-changed");
    // Piped in once more, it is compared with the first again, and added only once.
    let again = analyze(second);
    assert_eq!(again["data"], explained["data"]);
    assert_eq!(fs_err::read_dir(&history).unwrap().count(), 2);
}
