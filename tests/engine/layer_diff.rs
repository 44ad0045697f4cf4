//! Comparing two builds of the same source.

use serde_json::{Value, json};
use std::time::Duration;
use tests::project::Made;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

/// Builds the same source twice without a cache, and compares the images; the second build's report
/// is piped in.
fn two_builds(name: &str, instruction: &str) -> Value {
    let base = "FROM scratch\nCOPY busybox /bin/sh\nCOPY busybox /bin/date\nCOPY own /own\n";
    let dockerfile = format!("{base}RUN {instruction}\n");
    let compose = "services:\n  app:\n    build: .\n    image: NAME:${BUILD}\n";
    let files = [
        ("Dockerfile", dockerfile.as_str()),
        ("own", "NAME"),
        ("compose.yml", compose),
    ];
    let made = Made::new(name, &files);
    let build = |number: &str| {
        let build = made.tool("build --no-cache --only").env("BUILD", number);
        build.run().expect_exit(0)
    };
    let _ = build("1");
    // Archives may know whole seconds only.
    std::thread::sleep(Duration::from_millis(1100));
    let second = build("2");
    let tags = ["1", "2"].map(|number| format!("{}:{number}", made.name()));
    let compared = Tool::new("layer-analyzer")
        .args("diff --only")
        .args(&tags.join(" "));
    let report = parse_lines(&compared.stdin(second).run().expect_exit(0)).remove(0);
    assert_valid(&report);
    report
}

/// What differs at a path.
fn causes<'a>(report: &'a Value, path: &str) -> &'a Value {
    let mut paths = report["data"]["paths"].as_array().unwrap().iter();
    &paths.find(|it| it["path"] == path).unwrap()["causes"]
}

#[test]
fn a_file_that_is_made_again_differs_in_its_time() {
    let report = two_builds("diff-times", "echo same > /made");
    assert_eq!(report["data"]["reproducibility"]["verdict"], "equivalent");
    let all = report["data"]["reproducibility"]["causes"]
        .as_array()
        .unwrap();
    assert!(all.contains(&json!("times")), "{all:?}");
    assert_eq!(causes(&report, "made"), &json!(["times"]));
}

#[test]
fn a_file_that_holds_the_time_differs_in_its_content() {
    let report = two_builds("diff-content", "date > /made");
    assert_eq!(report["data"]["reproducibility"]["verdict"], "different");
    assert_eq!(causes(&report, "made"), &json!(["content", "times"]));
    let mut findings = report["findings"].as_array().unwrap().iter();
    let content = findings
        .find(|it| it["rule"] == "difference-content")
        .unwrap();
    let place = &content["location"];
    assert!(
        place["path"].as_str().unwrap().ends_with("Dockerfile"),
        "{place}"
    );
    assert_eq!(place["line"], 5);
}
