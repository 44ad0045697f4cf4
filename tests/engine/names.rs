//! Images that builds start from, and the names that they have for as long as a build takes.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};
use tests::docker::docker;
use tests::project::{Made, target};
use tests::report::parse_lines;
use tests::tool::Finished;

const BUSYBOX: &str = "FROM scratch\nCOPY busybox own /bin/\n";

/// A file of an image.
fn file(image: &str, path: &str) -> String {
    docker(&["run", "--rm", image, "/bin/busybox", "cat", path])
}

/// The names in the Engine that last as long as a build.
fn passing_names() -> BTreeSet<String> {
    let filter = "reference=build-orchestrator.local/*/*";
    let listed = docker(&[
        "image",
        "ls",
        "--filter",
        filter,
        "--format",
        "{{.Repository}}",
    ]);
    listed.lines().map(str::to_owned).collect()
}

/// Asserts that names which were not there `before` go away. Those of other builds, which run
/// meanwhile, do so too.
#[track_caller]
fn assert_gone(before: &BTreeSet<String>) {
    let new: BTreeSet<String> = passing_names().difference(before).cloned().collect();
    let until = Instant::now() + Duration::from_mins(1);
    while !passing_names().is_disjoint(&new) {
        assert!(Instant::now() < until, "{new:?} were left");
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// A target whose last step is given, on top of another target and a folder.
fn linked(name: &str, last: &str) -> Made {
    let compose = "services:\n  base:\n    build: {context: ., dockerfile: base.Dockerfile}\n  app:\n    build: {context: ., dockerfile: app.Dockerfile}\n";
    let app = format!(
        "FROM up\nCOPY --from=files a /a\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"{last}\"]\n"
    );
    Made::new(
        name,
        &[
            ("compose.yml", compose),
            ("base.Dockerfile", BUSYBOX),
            ("app.Dockerfile", &app),
            ("own", "NAME"),
            ("elsewhere/a", "NAME"),
        ],
    )
}

const LINKED: &str = "build --build-context up=target:base --build-context files=elsewhere app";

#[test]
fn an_image_stands_for_a_name() {
    let made = Made::new(
        "image-context",
        &[
            ("up.Dockerfile", BUSYBOX),
            ("Dockerfile", "FROM up\nCOPY --from=up /bin/own /copied\n"),
            ("own", "NAME"),
        ],
    );
    let (up, tag) = (format!("{}:up", made.name()), format!("{}:1", made.name()));
    let args = format!("build --file up.Dockerfile --tag {up}");
    made.tool(&args).run().expect_exit(0);
    let args =
        format!("build --file Dockerfile --tag {tag} --build-context up=docker-image://{up}");
    let run = made.tool(&args).run();
    let report = parse_lines(&run.expect_exit(0)).remove(0);
    let steps = &report["data"]["targets"][0]["steps"];
    let copy = steps.as_array().unwrap().iter().find(|step| {
        let name = step["name"].as_str().unwrap();
        name.starts_with("COPY --from=")
    });
    assert_eq!(copy.unwrap()["location"]["line"], 2, "{steps:#}");
    assert_eq!(file(&tag, "/copied"), made.name());
}

#[test]
fn names_of_a_build_that_fails_go_away() {
    let before = passing_names();
    let made = linked("failed-names", "exit 3");
    let report = made.tool(LINKED).run().expect_exit(1);
    assert_gone(&before);
    assert!(!report.contains("build-orchestrator.local"), "{report}");
    let report = parse_lines(&report).remove(0);
    assert_eq!(target(&report, "base")["status"], "built");
    assert_eq!(target(&report, "app")["status"], "failed");
}

#[test]
fn names_of_a_build_that_is_interrupted_go_away() {
    let before = passing_names();
    let made = linked("interrupted-names", "/bin/busybox sleep 60");
    let child = made.tool(LINKED).args("--quiet").spawn();
    let until = Instant::now() + Duration::from_mins(1);
    while passing_names().is_subset(&before) {
        assert!(Instant::now() < until, "the base gets a name");
        std::thread::sleep(Duration::from_millis(100));
    }
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success(), "the build was still running");
    Finished::from(child.wait_with_output().unwrap()).expect_exit(130);
    assert_gone(&before);
}

#[test]
fn what_a_base_takes_later_is_built_before() {
    let compose = "services:\n  app:\n    image: NAME:app\n    build: {context: ., dockerfile: app.Dockerfile}\n  base:\n    image: NAME:base\n    build: {context: ., dockerfile: base.Dockerfile}\n  lib:\n    image: NAME:lib\n    build: {context: ., dockerfile: lib.Dockerfile}\n";
    let base = format!("{BUSYBOX}ONBUILD COPY --from=NAME:lib /own /from-lib\n");
    let made = Made::new(
        "onbuild",
        &[
            ("compose.yml", compose),
            ("app.Dockerfile", "FROM NAME:base\nCOPY own /app\n"),
            ("base.Dockerfile", &base),
            ("lib.Dockerfile", "FROM scratch\nCOPY own /own\n"),
            ("own", "NAME"),
        ],
    );
    let run = made.tool("build app").run();
    // A frontend before 1.11, as Engine 20.10 has one, takes that image for an empty one, so that
    // `app` may fail: it is not told of images that only an `ONBUILD` names. Source:
    // research/build.md, buildx#2367.
    let report = parse_lines(&run.stdout).remove(0);
    let app = target(&report, "app");
    assert_eq!(
        app["plan"]["depends_on"],
        serde_json::json!(["base", "lib"])
    );
    for name in ["base", "lib"] {
        let needed = target(&report, name);
        assert_eq!(needed["status"], "built");
        let ended_ms =
            needed["started_ms"].as_u64().unwrap() + needed["duration_ms"].as_u64().unwrap();
        assert!(ended_ms <= app["started_ms"].as_u64().unwrap(), "{name}");
    }
}
