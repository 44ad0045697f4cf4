//! What `cargo fetch` reads: the manifests of a workspace and of all packages that it names by path,
//! the lock, the configuration, and of the sources only what a manifest needs to be accepted.
//!
//! A package without a target is refused, so one source file of each must be there, unless its
//! manifest writes the path of a target out; a target that is named without a path must exist.
//! `build.rs` need not. All of this was tried on cargo 1.95.

mod manifest;
mod targets;

use super::needed::{Needed, ancestors, within};
use super::{Inputs, Project};
use manifest::table;

/// Files beside a workspace, or in a folder above, that change what cargo does.
/// Source: <https://doc.rust-lang.org/cargo/reference/config.html#hierarchical-structure>,
/// <https://rust-lang.github.io/rustup/overrides.html#the-toolchain-file>
const SETTINGS: [&str; 3] = [
    ".cargo/config.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
];

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let files = project.files;
    let mut needed = Needed::new(files);
    let start = start(&project)?;
    let root = workspace_root(&mut needed, &start)?;
    needed.add(&within(&root, "Cargo.lock"))?;
    for dir in ancestors(project.dir) {
        add_settings(&mut needed, dir)?;
    }
    let manifest = table(needed.text(&within(&root, "Cargo.toml"))?)?;
    let mut open = manifest::members(&manifest, &root, files)?;
    open.extend(manifest::folders_by_path(&manifest, &root)?);
    open.extend(manifest.contains_key("package").then_some(root));
    let mut seen = Vec::new();
    while let Some(dir) = open.pop() {
        if seen.contains(&dir) {
            continue;
        }
        let manifest = table(needed.text(&within(&dir, "Cargo.toml"))?)?;
        for path in targets::required(&manifest, &dir, files)? {
            needed.require(&path)?;
        }
        open.extend(manifest::folders_by_path(&manifest, &dir)?);
        seen.push(dir);
    }
    Ok(needed.into_inputs())
}

/// The folder of the package or workspace that the command is about.
fn start(project: &Project<'_>) -> Result<String, String> {
    let mut arguments = project.command.arguments.iter();
    if arguments.any(|a| a.starts_with("--manifest-path") || a.starts_with("--config") || a == "-C")
    {
        return Err("the command names a manifest or settings of its own".to_owned());
    }
    let has_manifest = |dir: &&str| project.files.has_file(&within(dir, "Cargo.toml"));
    let dir = ancestors(project.dir).find(has_manifest);
    let dir = dir.ok_or("the context does not offer a `Cargo.toml`")?;
    Ok(dir.to_owned())
}

/// The nearest folder, from the package up, whose manifest is a workspace's; without one the package
/// is alone.
fn workspace_root(needed: &mut Needed<'_>, start: &str) -> Result<String, String> {
    let manifest = table(needed.text(&within(start, "Cargo.toml"))?)?;
    if manifest.contains_key("workspace") {
        return Ok(start.to_owned());
    }
    if let Some(root) = manifest::named_workspace(&manifest, start)? {
        return Ok(root);
    }
    for dir in ancestors(start).skip(1) {
        let path = within(dir, "Cargo.toml");
        if needed.has(&path) && table(needed.text(&path)?)?.contains_key("workspace") {
            return Ok(dir.to_owned());
        }
    }
    Ok(start.to_owned())
}

fn add_settings(needed: &mut Needed<'_>, dir: &str) -> Result<(), String> {
    let old = within(dir, ".cargo/config");
    if needed.has(&old) {
        return Err(format!("what `{old}` says is not read"));
    }
    for name in SETTINGS {
        let path = within(dir, name);
        if needed.has(&path) {
            check_settings(&path, needed.text(&path)?)?;
        }
    }
    Ok(())
}

/// A toolchain by name, as old files have it, is no table.
fn check_settings(path: &str, text: &str) -> Result<(), String> {
    let Ok(settings) = table(text) else {
        return if path.ends_with("rust-toolchain") {
            Ok(())
        } else {
            Err(format!("`{path}` is not TOML"))
        };
    };
    let toolchain = settings.get("toolchain").and_then(toml::Value::as_table);
    let is_local = toolchain.is_some_and(|toolchain| toolchain.contains_key("path"));
    let reads_more = ["include", "patch", "paths", "source"];
    match reads_more.iter().find(|key| settings.contains_key(**key)) {
        Some(key) => Err(format!("`{key}` in `{path}` may name more files")),
        None if is_local => Err(format!("`{path}` names a toolchain by its path")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
