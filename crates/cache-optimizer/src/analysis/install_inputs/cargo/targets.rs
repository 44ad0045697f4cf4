//! Which source files must be there for cargo to accept a package's manifest.
//!
//! Source: <https://doc.rust-lang.org/cargo/reference/cargo-targets.html#target-auto-discovery>, and
//! tried on cargo 1.95.

use toml::{Table, Value};

use super::super::needed::{extension, within};
use crate::model::files::Files;

/// Kinds of targets, and the folder of each where a target without a path is.
const KINDS: [(&str, &str); 4] = [
    ("bench", "benches"),
    ("bin", "src/bin"),
    ("example", "examples"),
    ("test", "tests"),
];

/// The paths of the files that must be there: those of targets that are named without a path, and, if no
/// library and no program is named, one that cargo finds by itself.
pub(super) fn required(manifest: &Table, dir: &str, files: &Files) -> Result<Vec<String>, String> {
    let Some(package) = manifest.get("package").and_then(Value::as_table) else {
        return Err(format!("`{}` is no package", within(dir, "Cargo.toml")));
    };
    let name = package.get("name").and_then(Value::as_str);
    let mut paths = Vec::new();
    let mut is_complete = false;
    if let Some(lib) = manifest.get("lib").and_then(Value::as_table) {
        is_complete = true;
        if !lib.contains_key("path") {
            paths.push(within(dir, "src/lib.rs"));
        }
    }
    for (kind, folder) in KINDS {
        let targets = manifest.get(kind).and_then(Value::as_array);
        for target in targets.into_iter().flatten().filter_map(Value::as_table) {
            is_complete |= kind == "bin";
            if !target.contains_key("path") {
                paths.push(named(target, (kind, folder), name, dir, files)?);
            }
        }
    }
    if !is_complete {
        paths.push(discovered(dir, files)?);
    }
    Ok(paths)
}

fn named(
    target: &Table,
    (kind, folder): (&str, &str),
    package: Option<&str>,
    dir: &str,
    files: &Files,
) -> Result<String, String> {
    let Some(name) = target.get("name").and_then(Value::as_str) else {
        return Err(format!(
            "`{}` has a `{kind}` without a name",
            within(dir, "Cargo.toml")
        ));
    };
    let main = (kind == "bin" && package == Some(name)).then(|| within(dir, "src/main.rs"));
    let own = ["", "/main"].map(|end| within(dir, &format!("{folder}/{name}{end}.rs")));
    let mut paths = main.into_iter().chain(own);
    let path = paths.find(|path| files.has_file(path));
    path.ok_or_else(|| format!("the context does not offer the {kind} `{name}`"))
}

fn discovered(dir: &str, files: &Files) -> Result<String, String> {
    let mut usual = ["src/lib.rs", "src/main.rs"]
        .iter()
        .map(|path| within(dir, path));
    let usual = usual.find(|path| files.has_file(path));
    let bins = within(dir, "src/bin/");
    let is_bin = |path: &&String| {
        let name = path.strip_prefix(&bins);
        name.is_some_and(|name| {
            extension(name) == "rs" && !name.contains('/') || name.ends_with("/main.rs")
        })
    };
    let bin = || files.sizes_bytes.keys().find(is_bin).cloned();
    usual.or_else(bin).ok_or_else(|| {
        format!(
            "no source of the package in `{}` is known",
            within(dir, "Cargo.toml")
        )
    })
}
