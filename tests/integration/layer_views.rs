//! Comparing images, drawing their trees, listing their files.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use tests::image::{file, make_image, with};
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Finished, Tool, binary_path, workspace_dir};

fn tool(dir: &Path, args: &str) -> Tool {
    Tool::new("layer-analyzer").args(args).current_dir(dir)
}

/// Compares two images with one layer each, or as many as `specs` have.
fn diff(specs: [Value; 2], args: &str) -> (Value, Finished) {
    let dir = tempfile::tempdir().unwrap();
    let [before, after] = specs;
    make_image(&dir.path().join("before.tar"), &before);
    make_image(&dir.path().join("after.tar"), &after);
    let finished = tool(dir.path(), &format!("diff before.tar after.tar {args}")).run();
    let report = parse_lines(&finished.stdout).remove(0);
    assert_valid(&report);
    (report["data"].clone(), finished)
}

fn one_layer(entries: &[Value]) -> Value {
    json!({ "layers": [entries] })
}

fn at(mtime: u32) -> Vec<Value> {
    vec![with(file("f", "x"), "mtime", json!(mtime))]
}

#[track_caller]
fn assert_alike(data: &Value, verdict: &str, causes: &[&str]) {
    let expected = json!({ "verdict": verdict, "causes": causes });
    assert_eq!(data["reproducibility"], expected);
}

#[test]
fn other_times_are_equivalent_and_fail_only_where_that_is_asked_for() {
    let builds = || [one_layer(&at(5)), one_layer(&at(6))];
    let (data, finished) = diff(builds(), "");
    assert_alike(&data, "equivalent", &["times"]);
    assert_eq!(finished.exit, Some(0));
    let path = json!({
        "path": "f", "change": "metadata", "causes": ["times"], "before_bytes": 1,
        "after_bytes": 1, "detail": "of 1970-01-01T00:00:05Z, now of 1970-01-01T00:00:06Z",
        "layer": 0,
    });
    assert_eq!(data["paths"], json!([path]));
    let exit = |args| diff(builds(), args).1.exit;
    assert_eq!(exit("--fail-on-difference"), Some(1));
    assert_eq!(exit("--fail-on-difference=content,files"), Some(0));
    assert_eq!(exit("--fail-on-difference=content,times"), Some(1));
}

#[test]
fn what_differs_only_in_how_it_is_stored_is_equivalent() {
    let (f, g) = (|| file("f", "x"), || file("g", "y"));
    let both = || one_layer(&[f(), g()]);
    let (data, _) = diff([both(), both()], "--fail-on-difference");
    assert_alike(&data, "identical", &[]);
    let (data, _) = diff([both(), one_layer(&[g(), f()])], "");
    assert_alike(&data, "equivalent", &["order"]);
    let split = json!({ "layers": [[f()], [g()]] });
    let (data, _) = diff([both(), split], "");
    assert_alike(&data, "equivalent", &["layers"]);
    let gnu = with(both(), "format", json!("gnu"));
    let long = |format: &str| {
        let entries = vec![file(&"n".repeat(150), "x")];
        with(one_layer(&entries), "format", json!(format))
    };
    // A short name has the same header in both formats, but for the version.
    assert_alike(&diff([both(), gnu], "").0, "equivalent", &["packing"]);
    assert_alike(
        &diff([long("pax"), long("gnu")], "").0,
        "equivalent",
        &["packing"],
    );
    let created = with(both(), "created", json!("2026-01-01T00:00:00Z"));
    assert_alike(&diff([both(), created], "").0, "equivalent", &["history"]);
}

#[test]
fn what_a_container_sees_is_listed_by_path() {
    let before = one_layer(&[
        file("bin/app", "one"),
        with(file("bin/tool", "x"), "mode", json!("755")),
        file("caf\\xe9", "x"),
        file("same", "x"),
    ]);
    let after = json!({
        "layers": [
            [with(file("bin/tool", "x"), "uid", json!(7)), file("same", "x")],
            [file("bin/app", "two"), { "path": "new", "type": "l", "link": "same" }],
        ],
        "history": ["RUN make", "COPY . /"],
    });
    let (data, _) = diff([before, after], "");
    let causes = [
        "files",
        "content",
        "permissions",
        "ownership",
        "layers",
        "history",
    ];
    assert_alike(&data, "different", &causes);
    let found: Vec<String> = data["paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            format!(
                "{} {} {} {}",
                p["path"], p["change"], p["layer"], p["detail"]
            )
        })
        .collect();
    let expected = [
        r#""bin/app" "changed" 1 null"#,
        r#""bin/tool" "metadata" 0 "mode 755, now 644; owner 0:0, now 7:0""#,
        r#""caf\\xe9" "removed" 0 null"#,
        r#""new" "added" 1 null"#,
    ];
    assert_eq!(found, expected);
    let totals = json!({
        "added_count": 1, "added_bytes": 0, "removed_count": 1, "removed_bytes": 1,
        "changed_count": 1, "changed_bytes": 3, "metadata_count": 1,
    });
    assert_eq!(data["totals"], totals);
    assert_eq!(data["layers"][1]["before"], Value::Null);
    assert_eq!(data["layers"][1]["after"]["instruction"], "COPY . /");
}

#[test]
fn settings_are_compared_and_secrets_hidden() {
    let image = |config| json!({ "layers": [[]], "config": config });
    let before = image(json!({ "Env": ["PATH=/bin", "API_TOKEN=hunter22"], "Cmd": ["a"] }));
    let after = image(json!({ "Env": ["PATH=/bin", "API_TOKEN=hunter23"], "User": "app" }));
    let (data, finished) = diff([before, after], "");
    assert_alike(&data, "different", &["settings"]);
    let expected = json!([
        { "name": "Cmd", "before": "[\"a\"]", "after": null },
        { "name": "Env.API_TOKEN", "before": "<redacted>", "after": "<redacted>" },
        { "name": "User", "before": null, "after": "\"app\"" },
    ]);
    assert_eq!(data["settings"], expected);
    assert!(!finished.stdout.contains("hunter"), "{}", finished.stdout);
}

#[test]
fn a_saved_difference_is_shown_as_a_fresh_one() {
    let dir = tempfile::tempdir().unwrap();
    let spec = |data: &str| {
        with(
            one_layer(&[file("f", data)]),
            "history",
            json!(["RUN date"]),
        )
    };
    make_image(&dir.path().join("a.tar"), &spec("one"));
    make_image(&dir.path().join("b.tar"), &spec("two\n"));
    let fresh = |format: &str| {
        let args = format!("diff a.tar b.tar --format {format}");
        let run = tool(dir.path(), &args).env("SOURCE_DATE_EPOCH", "0").run();
        run.expect_exit(0)
    };
    fs_err::write(dir.path().join("saved.json"), fresh("json")).unwrap();
    for format in ["json", "table", "markdown", "sarif", "html"] {
        let args = format!("render saved.json --format {format}");
        let saved = tool(dir.path(), &args).run().expect_exit(0);
        assert_eq!(saved, fresh(format), "{format}");
    }
    let table = fresh("table");
    let expected =
        "1 path has another content: `f`; `f` comes from `RUN date` [difference-content]";
    assert!(table.contains(expected), "{table}");
}

#[test]
fn one_image_is_compared_with_one() {
    let dir = workspace_dir().join("crates/layer-analyzer/testdata/archives");
    let finished = tool(&dir, "diff plain.tar two-images.tar.gz").run();
    let message = "`two-images.tar.gz` holds 2 images, and one is compared with one";
    assert!(finished.stderr.contains(message), "{}", finished.stderr);
    finished.expect_exit(2);
    // The same image in another kind of archive.
    let report = tool(&dir, "diff plain.tar blobs.tar.gz --fail-on-difference").run();
    let report = parse_lines(&report.expect_exit(0)).remove(0);
    assert_alike(&report["data"], "identical", &[]);
}

/// An image with one of everything.
fn odd_image(path: &Path) {
    let dir = |path: &str| json!({ "path": path, "type": "d", "mode": "755" });
    let lower = json!([
        dir("d"),
        file("d/x", "0123456789"),
        with(file("d/set", "x"), "mode", json!("4755")),
        { "path": "d/hard", "type": "h", "link": "d/x" },
        { "path": "soft", "type": "l", "link": "../d/x" },
        { "path": "pipe", "type": "p" },
        { "path": "null", "type": "c" },
        file(&format!("{}x", "long/".repeat(40)), "x"),
        file("f\\xff", "12"),
        file("f\\x1b[31m", "123"),
        file("old/z", "0123456789"),
        file("empty", ""),
    ]);
    let upper = json!([
        file("d/set", "xyz"),
        file(".wh.old", ""),
        file("new\\ny", "1234")
    ]);
    let spec = json!({ "layers": [lower, upper], "history": ["COPY . /", "RUN make"] });
    make_image(path, &spec);
}

fn entries(dir: &Path, args: &str) -> Vec<Value> {
    let listed = tool(dir, &format!("files {args}")).run();
    parse_lines(&listed.expect_exit(0))
}

/// How many entries of each kind a layer's archive has by `tar tv`, and their bytes.
fn listed_by_tar(archive: &Path, member: &str) -> BTreeMap<char, (u64, u64)> {
    let script = format!(
        "tar xOf '{}' {member} | tar tv --numeric-owner -f -",
        archive.display()
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    let mut found = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let kind = line.chars().next().unwrap();
        let size = line.split_whitespace().nth(2).unwrap();
        let (count, bytes) = found.entry(kind).or_insert((0, 0));
        *count += 1;
        *bytes += size.parse().unwrap_or(0);
    }
    found
}

#[test]
fn the_totals_of_files_are_those_of_tar() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("odd.tar");
    odd_image(&archive);
    for (layer, member) in ["0/layer.tar", "1/layer.tar"].into_iter().enumerate() {
        let mut found: BTreeMap<char, (u64, u64)> = BTreeMap::new();
        for entry in entries(dir.path(), &format!("odd.tar --layer {layer}")) {
            let letter = match entry["kind"].as_str().unwrap() {
                "file" | "whiteout" => '-',
                "hard-link" => 'h',
                "directory" => 'd',
                "symlink" => 'l',
                "pipe" => 'p',
                "char-device" => 'c',
                other => panic!("{other}"),
            };
            let (count, bytes) = found.entry(letter).or_insert((0, 0));
            *count += 1;
            *bytes += entry["size_bytes"].as_u64().unwrap();
        }
        assert_eq!(found, listed_by_tar(&archive, member), "layer {layer}");
    }
}

#[test]
fn each_entry_follows_its_schema_and_says_what_became_of_it() {
    let dir = tempfile::tempdir().unwrap();
    odd_image(&dir.path().join("odd.tar"));
    let schema = tool(dir.path(), "schema files").run().expect_exit(0);
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let all = entries(dir.path(), "odd.tar");
    assert!(all.iter().all(|entry| schema.is_valid(entry)));
    let entry = |path: &str, layer: u32| {
        let mut found = all
            .iter()
            .filter(|e| e["path"] == path && e["layer"] == layer);
        found.next().unwrap_or_else(|| panic!("{path}"))
    };
    let lower = entry("d/set", 0);
    assert_eq!(
        (&lower["mode"], &lower["gone_in_layer"]),
        (&json!("4755"), &json!(1))
    );
    assert_eq!(lower["visible"], false);
    let upper = entry("d/set", 1);
    assert_eq!(
        (&upper["change"], &upper["visible"]),
        (&json!("modified"), &json!(true))
    );
    assert_eq!(upper["instruction"], "RUN make");
    assert_eq!(entry("d/hard", 0)["target"], "d/x");
    assert_eq!(entry("soft", 0)["target"], "../d/x");
    assert_eq!(entry("f\\xff", 0)["size_bytes"], 2);
    assert_eq!(entry("old/z", 0)["gone_in_layer"], 1);
    assert_eq!(entry("old", 1)["change"], "removed");
    // Source: BLAKE3's own test vectors.
    let of_nothing = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
    assert_eq!(entry("empty", 0)["blake3"], of_nothing);
    assert_eq!(entry("d/x", 0)["blake3"], entry("old/z", 0)["blake3"]);
    let visible = entries(dir.path(), "odd.tar --visible");
    let paths = visible.iter().map(|entry| entry["path"].as_str().unwrap());
    assert_eq!(paths.filter(|path| path.starts_with("old")).count(), 0);
    assert_eq!(visible.len(), all.len() - 3);
}

#[test]
fn a_build_report_tells_the_stage_and_line_of_an_entry() {
    let dir = tempfile::tempdir().unwrap();
    odd_image(&dir.path().join("odd.tar"));
    let report = tool(dir.path(), "analyze odd.tar").run().expect_exit(0);
    let id = parse_lines(&report)[0]["data"]["images"][0]["id"].clone();
    let fixture = workspace_dir().join("tests/fixtures/reports/v1/build.json");
    let mut build: Value = serde_json::from_str(&fs_err::read_to_string(fixture).unwrap()).unwrap();
    let target = &mut build["data"]["targets"][0];
    target["image"] = json!({ "id": id, "size_bytes": 0, "platform": "linux/amd64" });
    let made = fs_err::write(dir.path().join("build.json"), build.to_string());
    made.unwrap();
    let found = entries(dir.path(), "odd.tar --input build.json --layer 1");
    assert_eq!(found[0]["stage"], "build");
    assert_eq!(
        found[0]["location"],
        json!({ "path": "Dockerfile", "line": 3 })
    );
}

#[test]
fn a_tree_sums_directories_and_nothing_in_it_steers_the_terminal() {
    let dir = tempfile::tempdir().unwrap();
    odd_image(&dir.path().join("odd.tar"));
    let tree = |args: &str| {
        tool(dir.path(), &format!("tree odd.tar {args}"))
            .run()
            .expect_exit(0)
    };
    let expected = "\
odd.tar

    Size   Path
    23 B   /
    13 B   ├── d/
    10 B   │   ├── hard
     3 B   │   ├── set
     0 B   │   └── x = d/hard
     0 B   ├── empty
     3 B   ├── f\\u{1b}[31m
     2 B   ├── f\\xff
     1 B   ├── long/
     4 B   ├── new\\ny
     0 B   ├── null (character device 0:0)
     0 B   ├── pipe (pipe)
     0 B   └── soft -> ../d/x
";
    let shown = tree("--depth 2");
    let shown: Vec<&str> = shown
        .lines()
        .filter(|line| !line.contains("long"))
        .collect();
    let expected: Vec<&str> = expected
        .lines()
        .filter(|line| !line.contains("long"))
        .collect();
    assert_eq!(shown[..expected.len()], expected);
    let layer = "\
odd.tar, layer 1: RUN make

    Size  Removed   Path
     7 B     10 B   /
     3 B      0 B   ├── d/
     3 B      0 B ~ │   └── set
     4 B      0 B + ├── new\\ny
     0 B     10 B - └── old/
     0 B     10 B -     └── z

2 directories, 3 files
";
    assert_eq!(tree("--layer 1"), layer);
    let wasted = tree("--wasted --path d");
    let gone = "     0 B      1 B - ├── set (of layer 0, gone in layer 1)\n";
    assert!(wasted.contains(gone), "{wasted}");
    assert!(!tree("--color never").contains('\x1b'));
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let dir = workspace_dir().join("crates/layer-analyzer/testdata/archives");
    for (args, message) in [
        (
            "tree plain.tar --layer 2",
            "`plain.tar` has no layer 2, but 2, counted from 0",
        ),
        (
            "tree plain.tar --path etc/b",
            "there is nothing at `etc/b` in what is shown of `plain.tar`",
        ),
        ("tree", "there is nothing to analyse"),
        ("files", "there is nothing to analyse"),
    ] {
        let finished = tool(&dir, args).run();
        assert!(finished.stderr.contains(message), "{}", finished.stderr);
        finished.expect_exit(2);
    }
}

#[test]
fn the_first_line_of_a_view_can_be_taken() {
    let archive = workspace_dir().join("crates/layer-analyzer/testdata/archives/plain.tar");
    let tool = binary_path("layer-analyzer");
    for view in ["tree", "files"] {
        let (tool, archive) = (tool.display(), archive.display());
        let script = format!("set -o pipefail; '{tool}' {view} '{archive}' | head -1");
        let output = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(
            output.stdout.split_inclusive(|byte| *byte == b'\n').count(),
            1
        );
    }
}
