//! Image archives that tests make up, with a program that shares no code with ours.

use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::tool::workspace_dir;

/// Writes an image archive; `tests/fixtures/make_image.py` says what a spec is.
#[track_caller]
pub fn make_image(path: &Path, spec: &Value) {
    let mut python = Command::new("python3")
        .arg(workspace_dir().join("tests/fixtures/make_image.py"))
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut stdin = python.stdin.take().expect("standard input is piped");
    stdin
        .write_all(spec.to_string().as_bytes())
        .expect("python3 reads the spec");
    drop(stdin);
    assert!(python.wait().expect("python3 ends").success());
}

/// A file of a layer.
pub fn file(path: &str, data: &str) -> Value {
    json!({ "path": path, "data": data })
}

/// An entry with something else than is usual.
pub fn with(mut entry: Value, name: &str, value: Value) -> Value {
    entry[name] = value;
    entry
}
