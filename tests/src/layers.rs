//! Image archives with traps, made by the scripts of `fixtures/layers`, and what layer-analyzer counts.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::report::parse_lines;
use crate::tool::{Tool, workspace_dir};

/// The groups of traps that are whole images.
pub const WHOLE_GROUPS: [&str; 5] = ["changes", "links", "names", "formats", "images"];

/// What is counted in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Stored, live and wasted bytes, and the files that a container sees.
    pub image: [u64; 4],
    /// Stored bytes, files, overwritten, deleted and wasted bytes of each layer.
    pub layers: Vec<[u64; 5]>,
}

/// Runs a script of `fixtures/layers`, and gives what it prints.
#[track_caller]
pub fn run_script(name: &str, arguments: &[&Path]) -> String {
    let script = workspace_dir().join("tests/fixtures/layers").join(name);
    let output = Command::new("python3")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(script)
        .args(arguments)
        .output()
        .expect("Python is there");
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {fault}");
    String::from_utf8(output.stdout).expect("scripts print text")
}

/// Makes the traps of some groups, in a new folder.
#[track_caller]
pub fn make_traps(groups: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().expect("there is room for temporary files");
    let groups = groups.iter().map(Path::new);
    let arguments: Vec<&Path> = [dir.path()].into_iter().chain(groups).collect();
    run_script("make_traps.py", &arguments);
    dir
}

/// The archives in a folder, sorted.
#[track_caller]
pub fn archives(dir: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(dir).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    paths.sort();
    paths
}

/// The name of a trap: that of its archive, without the ending.
#[track_caller]
pub fn trap_name(archive: &str) -> &str {
    let name = Path::new(archive)
        .file_stem()
        .and_then(|name| name.to_str());
    name.expect("traps have names")
}

/// Analyses archives in one run, and gives the images of its report.
#[track_caller]
pub fn analyze(archives: &[PathBuf], arguments: &str) -> Vec<Value> {
    let tool = Tool::new("layer-analyzer").args("analyze --format json");
    let tool = archives.iter().fold(tool.args(arguments), Tool::arg);
    let mut report = parse_lines(&tool.run().expect_exit(0)).remove(0);
    match report["data"]["images"].take() {
        Value::Array(images) => images,
        other => panic!("{other} is no list of images"),
    }
}

/// What a report counts in an image.
#[track_caller]
pub fn counts(image: &Value) -> Counts {
    let layers = image["layers"].as_array().expect("an image has layers");
    let layer_fields = [
        "size_bytes",
        "file_count",
        "overwritten_bytes",
        "deleted_bytes",
        "wasted_bytes",
    ];
    Counts {
        image: numbers(
            image,
            ["size_bytes", "live_bytes", "wasted_bytes", "file_count"],
        ),
        layers: layers
            .iter()
            .map(|layer| numbers(layer, layer_fields))
            .collect(),
    }
}

#[track_caller]
fn numbers<const N: usize>(value: &Value, fields: [&str; N]) -> [u64; N] {
    fields.map(|field| value[field].as_u64().expect("counts are numbers"))
}
