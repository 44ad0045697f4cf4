//! Test results through `test-aggregator aggregate`.

use serde_json::json;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

#[test]
fn counters_are_not_trusted_and_failures_decide() {
    let finished = Tool::new("test-aggregator")
        .args("aggregate tests/fixtures/junit")
        .run();
    let report = &parse_lines(&finished.expect_exit(1))[0];
    assert_valid(report);
    assert_eq!(report["verdict"], "fail");
    // passed.xml has 2 cases; wrong_counters.xml declares 99 and 0 failures, but has 3 cases.
    let totals = &report["data"]["totals"];
    assert_eq!(totals["case_count"], 5);
    assert_eq!(totals["passed_count"], 3);
    assert_eq!(totals["failed_count"], 1);
    assert_eq!(totals["skipped_count"], 1);
    assert_eq!(report["data"]["cases"][0]["name"], "subtracts");
    assert_eq!(report["data"]["cases"][0]["message"], "expected 1, got 2");
    let location = json!({ "path": "tests/fixtures/junit/wrong_counters.xml", "line": 2 });
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["location"]["path"]),
        (&json!("declared-count-differs"), &location["path"])
    );
}

#[test]
fn nothing_found_never_looks_like_nothing_failed() {
    let empty = tempfile::tempdir().unwrap();
    for path in [
        empty.path().to_owned(),
        empty.path().join("*.xml"),
        empty.path().join("no.xml"),
    ] {
        let finished = Tool::new("test-aggregator")
            .args("aggregate")
            .arg(&path)
            .run();
        assert!(
            finished.stderr.contains(path.to_str().unwrap()),
            "{}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "");
    }
}

#[test]
fn an_error_page_called_junit_xml_fails_the_run_and_the_rest_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(
        folder.path().join("junit.xml"),
        "<html><body>502 Bad Gateway</body></html>",
    )
    .unwrap();
    let finished = Tool::new("test-aggregator")
        .args("aggregate tests/fixtures/junit/passed.xml")
        .arg(folder.path())
        .run();
    let report = &parse_lines(&finished.expect_exit(1))[0];
    assert_eq!(report["data"]["totals"]["passed_count"], 2);
    let files = report["data"]["files"].as_array().unwrap();
    let bad = files
        .iter()
        .find(|file| file["status"] == "unreadable")
        .unwrap();
    assert!(bad["path"].as_str().unwrap().ends_with("junit.xml"));
}
