//! Comparing and predicting builds.

use serde_json::{Value, json};
use std::path::Path;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

/// A step of the target `app`: its number, text, start, duration, and whether it was cached.
type Step<'a> = (u32, &'a str, u64, u64, bool);

/// Writes a report of a build whose steps follow each other.
fn write_build(path: &Path, steps: &[Step<'_>], status: &str) {
    let built: Vec<Value> = steps
        .iter()
        .map(|&(number, name, started_ms, duration_ms, cached)| {
            let before: Vec<String> = steps
                .iter()
                .filter(|other| other.0 + 1 == number)
                .map(|other| format!("app/build/{}", other.0))
                .collect();
            json!({
                "id": format!("app/build/{number}"), "kind": "instruction", "stage": "build",
                "name": name, "location": { "path": "Dockerfile", "line": number + 1 },
                "cached": cached, "shared_with": null, "started_ms": started_ms,
                "duration_ms": duration_ms, "depends_on": before, "context_files": null,
                "log_tail": [], "error": null,
            })
        })
        .collect();
    let end_ms = steps.iter().map(|step| step.2 + step.3).max().unwrap();
    let report = json!({
        "schema": "urn:lucid:report/build/1.0",
        "tool": { "name": "t", "version": "1" },
        "id": format!("sha256:{}", path.display()),
        "created_at": "2026-01-01T00:00:00Z",
        "verdict": "pass", "inputs": [], "findings": [],
        "data": {
            "engine": { "version": "1", "api_version": "1", "platform": "linux/amd64" },
            "parallel_max": 2, "no_cache": false, "critical_path": [],
            "totals": {
                "duration_ms": end_ms, "target_count": 1, "built_count": 1,
                "step_count": steps.len(), "cached_count": 0, "step_duration_ms": 0,
                "sent_bytes": 0,
            },
            "targets": [{
                "plan": {
                    "name": "app", "context_path": ".", "dockerfile_path": "Dockerfile",
                    "stage": null, "platform": null, "tags": [], "build_args": {}, "labels": {},
                    "depends_on": [], "stages": [],
                },
                "status": status, "started_ms": 0, "duration_ms": end_ms, "image": null,
                "context": { "file_count": 0, "size_bytes": 0, "sent_bytes": 0 },
                "steps": built, "error": null,
            }],
        },
    });
    fs_err::write(path, format!("{report}\n")).unwrap();
}

const COLD: [Step<'_>; 2] = [
    (1, "COPY src src", 10, 20, false),
    (2, "RUN make", 30, 970, false),
];

fn tool(dir: &Path, args: &str) -> Tool {
    Tool::new("build-orchestrator").args(args).current_dir(dir)
}

#[test]
fn what_got_worse_is_found_and_fails_only_where_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let warm = [
        (1, "COPY src src", 10, 0, true),
        (2, "RUN make", 10, 0, true),
    ];
    write_build(&dir.path().join("warm.json"), &warm, "built");
    write_build(&dir.path().join("cold.json"), &COLD, "built");
    let report = tool(dir.path(), "compare warm.json cold.json").run();
    let report = parse_lines(&report.expect_exit(0)).remove(0);
    assert_valid(&report);
    let found: Vec<_> = report["data"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                step["difference"].as_str().unwrap(),
                step["name"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("began-to-miss", "RUN make"),
        ("began-to-miss", "COPY src src"),
    ];
    assert_eq!(found, expected);
    let rules: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["rule"])
        .collect();
    assert_eq!(
        rules,
        ["build-slower", "step-began-to-miss", "step-began-to-miss"]
    );

    let args = "compare warm.json cold.json --fail-on-regression --format table";
    let table = tool(dir.path(), args).run().expect_exit(1);
    assert!(
        table.contains("Dockerfile:3: app: `RUN make` came from the cache"),
        "{table}"
    );
    let args = "compare cold.json warm.json --fail-on-regression --format json";
    tool(dir.path(), args).run().expect_exit(0);
    let args = "compare cold.json cold.json --format markdown";
    let markdown = tool(dir.path(), args).run().expect_exit(0);
    assert!(
        markdown.contains("0 steps differ, 2 as they were"),
        "{markdown}"
    );
}

#[test]
fn the_last_build_of_a_pipeline_is_compared() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    write_build(&path("first.json"), &COLD[..1], "built");
    write_build(&path("second.json"), &COLD, "built");
    let both =
        ["first.json", "second.json"].map(|name| fs_err::read_to_string(path(name)).unwrap());
    fs_err::write(path("pipeline.jsonl"), both.concat()).unwrap();
    let report = tool(dir.path(), "compare pipeline.jsonl second.json").run();
    let report = parse_lines(&report.expect_exit(0)).remove(0);
    assert_eq!(report["data"]["steps"], json!([]));

    fs_err::write(path("empty.jsonl"), "").unwrap();
    let finished = tool(dir.path(), "compare empty.jsonl second.json").run();
    let message = "`empty.jsonl` holds no build report; reports read: none";
    assert!(finished.stderr.contains(message), "{}", finished.stderr);
    finished.expect_exit(2);
}

#[test]
fn a_recorded_build_is_predicted_under_other_conditions() {
    let dir = tempfile::tempdir().unwrap();
    write_build(&dir.path().join("r.json"), &COLD, "built");
    let predict = |args: &str| {
        let args = format!("plan --from-report r.json {args}");
        let report = parse_lines(&tool(dir.path(), &args).run().expect_exit(0)).remove(0);
        assert_valid(&report);
        report["data"].clone()
    };
    let same = predict("");
    assert_eq!(same["baseline_ms"], 1000);
    assert_eq!(same["predicted_ms"], 1000);
    let faster = predict("--parallel 1 --speed-up app/build/2=2x --cached app/build/1");
    // 10 ms before the first step, 0 ms and 485 ms of steps.
    assert_eq!(faster["predicted_ms"], 495);
    assert_eq!(faster["saving_ms"], 505);
    assert_eq!(faster["critical_path"][0]["step"], "app/build/2");

    let args = "plan --from-report r.json --speed-up app/build/2=2x";
    let report = tool(dir.path(), args).run().expect_exit(0);
    for format in ["table", "markdown"] {
        let shown = tool(dir.path(), "render --format")
            .arg(format)
            .stdin(report.clone())
            .run();
        let shown = shown.expect_exit(0);
        assert!(
            shown.contains("515 ms with 2 targets at once, 485 ms less than"),
            "{shown}"
        );
    }
}

#[test]
fn what_cannot_be_predicted_is_said() {
    let dir = tempfile::tempdir().unwrap();
    write_build(&dir.path().join("r.json"), &COLD, "built");
    write_build(&dir.path().join("failed.json"), &COLD, "failed");
    for (args, message) in [
        (
            "--from-report r.json --cached app/buidl/2",
            "`r.json`: there is no step `app/buidl/2`; did you mean `app/build/2`?",
        ),
        (
            "--from-report failed.json",
            "the target `app` was not built",
        ),
        (
            "--from-report r.json --format dot",
            "a prediction cannot be written as a graph",
        ),
        (
            "--from-report r.json --speed-up app/build/2=0x",
            "the factor has to be more than 0",
        ),
        ("--cached app/build/2", "--from-report"),
    ] {
        let finished = tool(dir.path(), &format!("plan {args}")).run();
        assert!(
            finished.stderr.contains(message),
            "{args}: {}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "");
    }
}
