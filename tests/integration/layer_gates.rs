//! The gates of `layer-analyzer analyze`: limits, dive's rules, baselines, exit codes.
//!
//! The archive `overwrite` of testdata has 640 bytes in layers of 600 and 40, and wastes 100. dive
//! finds 140 wasted, of 40 above the lowest layer.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Finished, Tool, workspace_dir};

const FORMATS: [&str; 5] = ["table", "json", "markdown", "html", "sarif"];

fn archive(name: &str) -> PathBuf {
    let archives = workspace_dir().join("crates/layer-analyzer/testdata/archives");
    archives.join(format!("{name}.tar.gz"))
}

/// Analyses `overwrite` in `dir`.
fn analyze_in(dir: &Path, args: &str) -> Finished {
    let tool = Tool::new("layer-analyzer").current_dir(dir);
    tool.args("analyze --format json")
        .args(args)
        .arg(archive("overwrite"))
        .run()
}

/// The report that `overwrite` gets with an exit code.
fn report(args: &str, exit: i32) -> Value {
    let text = analyze_in(&workspace_dir(), args).expect_exit(exit);
    let report = parse_lines(&text).remove(0);
    assert_valid(&report);
    report
}

/// The rules of a report's findings.
fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|f| f["rule"].as_str().unwrap()).collect()
}

#[test]
fn a_gate_passes_at_its_value_and_fails_just_beyond_in_every_format() {
    let gates = [
        ("--min-efficiency 0.84375", "--min-efficiency 84.376%"),
        ("--max-wasted-bytes 100", "--max-wasted-bytes 99"),
        ("--max-wasted-ratio 0.15625", "--max-wasted-ratio 0.15624"),
        ("--max-size 640B", "--max-size 639B"),
        ("--max-layer-size 0.6kB", "--max-layer-size 599"),
    ];
    let run = |format: &str, args: &str| {
        let tool = Tool::new("layer-analyzer").args("analyze --format");
        tool.args(format).args(args).arg(archive("overwrite")).run()
    };
    for format in FORMATS {
        let all: Vec<&str> = gates.iter().map(|(kept, _)| *kept).collect();
        let _ = run(format, &all.join(" ")).expect_exit(0);
        for (_, broken) in gates {
            let text = run(format, broken).expect_exit(1);
            let rule = broken.split(' ').next().unwrap().trim_start_matches("--");
            assert!(text.contains(rule), "{format} {broken}:\n{text}");
        }
    }
}

#[test]
fn a_report_has_its_gates_and_a_finding_for_each_that_is_not_kept() {
    let report = report("--max-size 639 --max-wasted-ratio 16%", 1);
    assert_eq!(report["verdict"], "fail");
    let image = archive("overwrite").display().to_string();
    let expected = json!([
        {"rule": "max-wasted-ratio", "image": image, "limit": 0.16, "value": 0.15625, "unit": "ratio", "passed": true},
        {"rule": "max-size", "image": image, "limit": 639.0, "value": 640.0, "unit": "bytes", "passed": false},
    ]);
    assert_eq!(report["data"]["gates"], expected);
    assert_eq!(rules(&report), ["max-size"]);
    let finding = &report["findings"][0];
    assert_eq!(finding["severity"], "error");
    assert_eq!(
        finding["message"],
        "the size is 640 B, and has to be at most 639 B"
    );
}

#[test]
fn without_limits_nothing_fails() {
    let report = report("", 0);
    assert_eq!(report["verdict"], "pass");
    assert_eq!(report["data"]["gates"], json!([]));
}

#[test]
fn the_rules_of_dive_are_kept_where_its_file_is() {
    let files = [
        // dive's own defaults: an efficiency of 0.9, and 0.1 of what the upper layers add.
        ("", 1),
        ("rules:\n  lowestEfficiency: 0.84\n", 1),
        (
            "rules:\n  lowestEfficiency: 0.84\n  highestUserWastedPercent: off\n",
            0,
        ),
        (
            "rules:\n  lowestEfficiency: '0.84375'\n  highestUserWastedPercent: ''\n",
            0,
        ),
        (
            "rules:\n  lowestEfficiency: 0.8438\n  highestUserWastedPercent: false\n",
            1,
        ),
        (
            "rules: {lowestEfficiency: disabled, highestUserWastedPercent: off, highestWastedBytes: 140}\n",
            0,
        ),
        (
            "rules: {lowestEfficiency: disabled, highestUserWastedPercent: off, highestWastedBytes: 0.139kB}\n",
            1,
        ),
    ];
    for (text, exit) in files {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join(".dive-ci"), text).unwrap();
        let found = analyze_in(dir.path(), "");
        assert_eq!(
            found.exit,
            Some(exit),
            "{text}\n{}{}",
            found.stdout,
            found.stderr
        );
    }
}

#[test]
fn another_file_of_dives_rules_can_be_named_and_faults_name_their_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rules.yml");
    let args = "--dive-ci rules.yml";
    let missing = analyze_in(dir.path(), args);
    assert_eq!(missing.exit, Some(2));
    fs_err::write(
        &file,
        "rules:\n  lowestEfficiency: off\n  highestUserWastedPercent: off\n",
    )
    .unwrap();
    let _ = analyze_in(dir.path(), args).expect_exit(0);
    fs_err::write(&file, "rules:\n  lowestEfficency: 0.9\n").unwrap();
    let fault = analyze_in(dir.path(), args);
    assert_eq!((fault.exit, fault.stdout.as_str()), (Some(2), ""));
    let expected = "`rules.yml` line 2: there is no `lowestEfficency`";
    assert!(fault.stderr.contains(expected), "{}", fault.stderr);
    assert!(
        fault.stderr.contains("`lowestEfficiency`"),
        "{}",
        fault.stderr
    );
}

/// A saved report on `overwrite` that says what it was called and how large it was.
fn baseline(dir: &Path, name: &str, size_bytes: u64) {
    let mut before = report("", 0);
    let image = &mut before["data"]["images"][0];
    image["name"] = json!(name);
    image["size_bytes"] = json!(size_bytes);
    let lines = format!("{}\n{before}\n", fixture("build"));
    fs_err::write(dir.join("before.jsonl"), lines).unwrap();
}

fn fixture(kind: &str) -> Value {
    let path = format!("tests/fixtures/reports/v1/{kind}.json");
    let text = fs_err::read_to_string(workspace_dir().join(path)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn growth_is_counted_from_a_saved_report() {
    let dir = tempfile::tempdir().unwrap();
    let name = archive("overwrite").display().to_string();
    baseline(dir.path(), &name, 512);
    for (growth, exit) in [("25%", 0), ("24.9%", 1), ("128", 0), ("127", 1)] {
        let args = format!("--baseline before.jsonl --max-growth {growth}");
        let found = analyze_in(dir.path(), &args);
        assert_eq!(found.exit, Some(exit), "{growth}: {}", found.stdout);
    }
}

#[test]
fn an_image_that_the_baseline_lacks_is_told_and_fails_only_if_asked() {
    let dir = tempfile::tempdir().unwrap();
    baseline(dir.path(), "another", 512);
    let args = "--baseline before.jsonl --max-growth 0";
    let text = analyze_in(dir.path(), args).expect_exit(0);
    assert_eq!(rules(&parse_lines(&text)[0]), ["no-baseline"]);
    let strict = analyze_in(dir.path(), &format!("{args} --fail-on no-baseline"));
    assert!(
        strict.stderr.contains("--fail-on no-baseline"),
        "{}",
        strict.stderr
    );
    let text = strict.expect_exit(1);
    assert_eq!(parse_lines(&text)[0]["verdict"], "fail");
}

#[test]
fn a_baseline_without_a_layer_report_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs_err::write(dir.path().join("b.json"), fixture("build").to_string()).unwrap();
    let found = analyze_in(dir.path(), "--baseline b.json --max-growth 1%");
    assert_eq!((found.exit, found.stdout.as_str()), (Some(2), ""));
    assert!(
        found.stderr.contains("no layer report in `b.json`"),
        "{}",
        found.stderr
    );
}

#[test]
fn only_the_layers_above_the_base_are_judged_if_asked() {
    // The base is the lower layer of 600 bytes, of which the upper one replaces 100 with 40.
    let base = archive("dot-slash-members").display().to_string();
    let own = format!("--base {base} --own");
    let text = report(
        &format!("{own} --max-size 40 --max-layer-size 40 --max-wasted-bytes 100"),
        0,
    );
    let expected = json!({
        "name": base, "layer_count": 1, "size_bytes": 600, "wasted_bytes": 100,
        "own_bytes": 40, "own_wasted_bytes": 100,
    });
    assert_eq!(text["data"]["images"][0]["base"], expected);
    // 40 bytes are seen of 40 and 100.
    let _ = report(&format!("{own} --min-efficiency 0.2857"), 0);
    let _ = report(&format!("{own} --min-efficiency 0.2858"), 1);
}

#[test]
fn a_base_that_is_none_is_an_error_that_says_where_they_part() {
    let dir = workspace_dir();
    let args = format!("--base {}", archive("same-path-twice").display());
    let other = analyze_in(&dir, &args);
    assert_eq!((other.exit, other.stdout.as_str()), (Some(2), ""));
    assert!(other.stderr.contains("is not based on"), "{}", other.stderr);
    assert!(
        other.stderr.contains("layer 0 of the base is sha256:"),
        "{}",
        other.stderr
    );
    let larger = analyze_in(
        &dir,
        &format!("--base {}", archive("blobs-same-layer-twice").display()),
    );
    assert_eq!(larger.exit, Some(2));
    let expected = "the base has 3 layers, and the image the lowest 2 of them";
    assert!(larger.stderr.contains(expected), "{}", larger.stderr);
    let unknown = analyze_in(&dir, "--own --max-size 1");
    assert_eq!(unknown.exit, Some(2));
    assert!(unknown.stderr.contains("--base"), "{}", unknown.stderr);
}

#[test]
fn wrong_limits_are_told_before_anything_is_read() {
    let cases = [
        ("--fail-on wasted-byte", "`wasted-bytes`"),
        ("--max-size ten", "a size looks like"),
        ("--min-efficiency 95", "a ratio is between 0 and 1"),
        ("--max-growth 10%", "--baseline"),
    ];
    for (args, expected) in cases {
        let found = analyze_in(&workspace_dir(), args);
        assert_eq!((found.exit, found.stdout.as_str()), (Some(2), ""), "{args}");
        assert!(found.stderr.contains(expected), "{args}: {}", found.stderr);
    }
}
