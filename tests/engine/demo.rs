//! scripts/demo.sh, as a user runs it.

use std::process::Command;
use tests::report::{assert_valid, kind, parse_lines};
use tests::tool::workspace_dir;

#[test]
fn the_demo_leaves_four_valid_reports_and_an_explained_miss() {
    let output = Command::new("scripts/demo.sh")
        .current_dir(workspace_dir())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}\n{stderr}");

    let text = fs_err::read_to_string(workspace_dir().join("out/pipeline.jsonl")).unwrap();
    let reports = parse_lines(&text);
    assert_eq!(
        reports.iter().map(kind).collect::<Vec<_>>(),
        ["build", "layer", "cache", "test"]
    );
    reports.iter().for_each(assert_valid);
    assert!(reports.iter().all(|report| report["verdict"] == "pass"));
    assert_eq!(reports[1]["data"]["images"].as_array().unwrap().len(), 3);
    assert!(
        reports[2].to_string().contains("terms/stage.txt"),
        "the edited file is the cause"
    );
    // The example's own tests, counted by hand in examples/glossary/tests.
    assert_eq!(reports[3]["data"]["totals"]["case_count"], 9);

    let unchanged = fs_err::read_to_string(workspace_dir().join("out/unchanged.jsonl")).unwrap();
    let build = &parse_lines(&unchanged)[0]["data"]["totals"];
    assert_eq!(
        build["cached_count"], build["step_count"],
        "the second run is all cache hits"
    );
}
