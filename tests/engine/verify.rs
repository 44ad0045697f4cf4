//! Patches that are proven by building, with a stand-in for npm that takes two seconds.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tests::docker::docker;
use tests::mending::Mending;
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Finished, Tool};

const DOCKERFILE: &str = "\
FROM NAME-base
WORKDIR /app
COPY . .
RUN npm ci
RUN cat src/main.js > app.js
";

/// The install is cached after an edit of the sources.
const MENDED: &str = "\
FROM NAME-base
WORKDIR /app
COPY package.json ./
RUN npm ci
COPY . .
RUN cat src/main.js > app.js
";

/// A stand-in for apk takes two seconds too.
const PACKAGES: &str = "\
FROM NAME-base
WORKDIR /app
COPY . .
RUN apk add curl
RUN cat src/main.js > app.js
";

fn project(name: &str, dockerfile: &str, patched: &str) -> Mending {
    let files = [
        ("Dockerfile", dockerfile),
        (".dockerignore", "patched\n"),
        ("package.json", "{}\n"),
        ("src/main.js", "main();\n"),
        ("patched/Dockerfile", patched),
    ];
    let programs = [
        ("npm", "sleep 2; cat package.json > installed"),
        ("apk", "sleep 2; echo $2 > /etc/world"),
    ];
    Mending::new(name, &programs, &files)
}

/// A run in the project's folder, with a folder of its own for temporary files.
fn verify(project: &Mending, temporary_dir: &Path, args: &str) -> Tool {
    Tool::new("cache-optimizer")
        .args("verify --only --runs 1 Dockerfile")
        .args(args)
        .env("TMPDIR", temporary_dir.to_str().unwrap())
        .current_dir(project.project().dir())
}

/// Runs `verify` on the patched Dockerfile, as `run` does.
#[track_caller]
fn verified(project: &Mending, args: &str, exit: i32) -> Value {
    let args = format!("--patched patched/Dockerfile {args}");
    run(project, &args, exit)
}

/// Runs `verify`, and asserts that nothing stays behind and that the project is as it was.
#[track_caller]
fn run(project: &Mending, args: &str, exit: i32) -> Value {
    let before = contents(project.project().dir());
    let temporary = tempfile::tempdir().unwrap();
    let finished = verify(project, temporary.path(), args).run();
    let report = parse_lines(&finished.expect_exit(exit)).remove(0);
    assert_valid(&report);
    assert_eq!(contents(project.project().dir()), before);
    assert_nothing_stays(project, temporary.path());
    report
}

/// The files below a folder with their contents and times.
fn contents(dir: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path.clone());
            }
            let content = fs_err::read(&path).unwrap_or_default();
            let modified = fs_err::metadata(&path).unwrap().modified().unwrap();
            found.insert(path.display().to_string(), (content, modified));
        }
    }
    found
}

#[track_caller]
fn assert_nothing_stays(project: &Mending, temporary_dir: &Path) {
    let left = fs_err::read_dir(temporary_dir).unwrap().count();
    assert_eq!(left, 0, "temporary folders");
    let layers = ["inspect", "--format", "{{index .RootFS.Layers 0}}"];
    let base = format!("{}-base", project.project().name());
    let base = docker(&[layers.as_slice(), &[&base]].concat());
    let listed = docker(&[
        "image",
        "ls",
        "--quiet",
        "--filter",
        "reference=cache-optimizer-verify",
    ]);
    for id in listed.split_whitespace() {
        // Those of other tests may go at any time.
        let first = Command::new("docker")
            .args(layers)
            .arg(id)
            .output()
            .unwrap();
        assert_ne!(
            String::from_utf8_lossy(&first.stdout).trim(),
            base.trim(),
            "{id} stays"
        );
    }
}

fn patch(report: &Value) -> &Value {
    &report["data"]["dockerfiles"][0]["patches"][0]
}

/// The steps that ran on one side of the first replay.
fn ran(report: &Value, side: &str) -> Vec<String> {
    let steps = patch(report)["replays"][0][side]["ran"].as_array().unwrap();
    let names = steps.iter().map(|step| step["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

#[test]
fn a_patch_that_saves_is_proven() {
    let project = project("verify-saves", DOCKERFILE, MENDED);
    let report = verified(&project, "", 0);
    assert_eq!(report["verdict"], "pass");
    let patch = patch(&report);
    assert_eq!(patch["verdict"], "saves", "{patch:#}");
    assert_eq!(patch["image"]["is_same"], true);
    let replay = &patch["replays"][0];
    assert_eq!(replay["change"]["origin"]["kind"], "chosen");
    assert_eq!(
        replay["change"]["paths"],
        serde_json::json!(["src/main.js"])
    );
    assert_eq!(replay["image"]["is_same"], true);
    let original_ms = replay["original"]["median_ms"].as_i64().unwrap();
    let patched_ms = replay["patched"]["median_ms"].as_i64().unwrap();
    assert_eq!(replay["saved_ms"], original_ms - patched_ms);
    assert_eq!(patch["saved_ms"], replay["saved_ms"]);
    assert!(ran(&report, "original").contains(&"RUN npm ci".to_owned()));
    let expected = ["COPY . .", "RUN cat src/main.js > app.js"];
    assert_eq!(ran(&report, "patched"), expected);
}

#[test]
fn a_patch_of_a_rule_has_its_expected_saving_beside_the_measured_one() {
    let project = project("verify-rule", PACKAGES, MENDED);
    let report = run(&project, "--rule system-packages-after-copy", 0);
    let patch = patch(&report);
    assert_eq!(patch["mends"][0]["rule"], "system-packages-after-copy");
    assert_eq!(patch["mends"][0]["location"]["line"], 3);
    assert_eq!(patch["verdict"], "saves", "{patch:#}");
    let expected_ms = patch["expected_ms"].as_u64().unwrap();
    assert!(
        expected_ms >= 2000,
        "the stand-in's two seconds: {expected_ms}"
    );
    assert!(
        patch["diff"]
            .as_str()
            .unwrap()
            .contains("+RUN apk add curl")
    );
    assert!(ran(&report, "original").contains(&"RUN apk add curl".to_owned()));
    assert!(!ran(&report, "patched").contains(&"RUN apk add curl".to_owned()));
}

#[test]
fn a_patch_that_changes_the_image_is_marked() {
    let patched = format!("{MENDED}RUN echo more > extra\n");
    let project = project("verify-differs", DOCKERFILE, &patched);
    let report = verified(&project, "", 1);
    assert_eq!(report["verdict"], "fail");
    assert_eq!(patch(&report)["verdict"], "image-differs");
    let differences = &patch(&report)["image"]["differences"];
    assert_eq!(differences[0]["name"], "app/extra", "{differences:#}");
    assert_eq!(report["findings"][0]["rule"], "patch-changes-image");
    assert_eq!(patch(&report)["replays"], serde_json::json!([]));
}

#[test]
fn a_patch_whose_image_goes_stale_is_marked() {
    let patched = MENDED.replace(
        "RUN cat src/main.js > app.js",
        "RUN echo 'main();' > app.js",
    );
    let project = project("verify-stale", DOCKERFILE, &patched);
    let report = verified(&project, "", 1);
    assert_eq!(patch(&report)["image"]["is_same"], true);
    let replayed = &patch(&report)["replays"][0]["image"];
    assert_eq!(
        replayed["differences"][0]["name"], "app/app.js",
        "{replayed:#}"
    );
    assert_eq!(patch(&report)["verdict"], "image-differs");
}

#[test]
fn a_patch_that_saves_nothing_is_marked() {
    let patched = format!("{DOCKERFILE}RUN sleep 2\n");
    let project = project("verify-nothing", DOCKERFILE, &patched);
    let report = verified(&project, "", 0);
    assert_eq!(patch(&report)["verdict"], "saves-nothing");
    assert_eq!(report["findings"][0]["rule"], "patch-saves-nothing");
}

#[test]
fn a_patch_that_does_not_build_is_marked() {
    let patched = format!("{DOCKERFILE}RUN echo broken; false\n");
    let project = project("verify-broken", DOCKERFILE, &patched);
    let report = verified(&project, "", 1);
    assert_eq!(patch(&report)["verdict"], "does-not-build");
    let error = patch(&report)["error"].as_str().unwrap();
    assert!(error.contains("broken"), "{error}");
}

#[test]
fn what_differs_from_build_to_build_is_no_difference() {
    let noise = "RUN cat /proc/uptime > uptime; head -c 16 /dev/urandom > random\n";
    let [before, after] = [DOCKERFILE, MENDED].map(|text| format!("{text}{noise}"));
    let project = project("verify-noise", &before, &after);
    let report = verified(
        &project,
        "--change package.json,src --change src/main.js",
        0,
    );
    let noise = &report["data"]["dockerfiles"][0]["noise"]["differences"];
    assert_eq!(noise[0]["name"], "app/random", "{noise:#}");
    assert_eq!(patch(&report)["image"]["is_same"], true);
    let replays = &patch(&report)["replays"];
    let both = serde_json::json!(["package.json", "src/main.js"]);
    assert_eq!(replays[0]["change"]["paths"], both);
    assert!(ran(&report, "patched").contains(&"RUN npm ci".to_owned()));
    assert_eq!(patch(&report)["saved_ms"], replays[1]["saved_ms"]);
}

#[test]
fn the_changes_of_commits_are_replayed() {
    let project = project("verify-commits", DOCKERFILE, MENDED);
    let dir = project.project().dir();
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let git = Command::new("git")
            .arg("-C")
            .arg(dir)
            .args(identity)
            .args(args)
            .output();
        assert!(git.unwrap().status.success(), "{args:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "Begin"]);
    project.project().write("src/main.js", "other();\n");
    git(&[
        "commit",
        "--quiet",
        "--all",
        "--message",
        "Do something else",
    ]);
    project.project().write("notes.txt", "a\n");
    let report = verified(&project, "--commits 1", 0);
    let change = &patch(&report)["replays"][0]["change"];
    assert_eq!(change["origin"]["subject"], "Do something else");
    assert_eq!(change["paths"], serde_json::json!(["src/main.js"]));
    assert_eq!(patch(&report)["verdict"], "saves");
}

#[test]
fn what_there_was_no_time_for_is_said() {
    let project = project("verify-time", DOCKERFILE, MENDED);
    let report = verified(&project, "--max-time 1s", 130);
    assert_eq!(report["verdict"], "incomplete");
    assert_eq!(report["data"]["time_limit_ms"], 1000);
    assert_eq!(patch(&report)["verdict"], "not-measured");
    let missing = "the builds of the patched Dockerfile";
    assert_eq!(patch(&report)["not_measured"][0], missing);
}

#[test]
fn an_interrupted_verification_leaves_nothing() {
    let project = project("verify-interrupt", DOCKERFILE, MENDED);
    let temporary = tempfile::tempdir().unwrap();
    let child = verify(&project, temporary.path(), "--patched patched/Dockerfile").spawn();
    while fs_err::read_dir(temporary.path()).unwrap().count() == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Somewhere in one of the cold builds, which take two seconds each.
    std::thread::sleep(Duration::from_millis(1500));
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success(), "it was still running");
    let finished = Finished::from(child.wait_with_output().unwrap());
    let report = parse_lines(&finished.expect_exit(130)).remove(0);
    assert_valid(&report);
    assert_eq!(report["verdict"], "incomplete");
    assert_nothing_stays(&project, temporary.path());
}
