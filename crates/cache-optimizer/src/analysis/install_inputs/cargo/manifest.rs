//! What a `Cargo.toml` names: the members of a workspace, and packages by their folders.
//!
//! Source: <https://doc.rust-lang.org/cargo/reference/workspaces.html#the-members-and-exclude-fields>

use toml::{Table, Value};

use super::super::needed::joined;
use super::super::paths;
use crate::model::files::Files;

pub(super) fn table(text: &str) -> Result<Table, String> {
    text.parse()
        .map_err(|_| "a manifest of cargo is not TOML".to_owned())
}

/// The folders of a workspace's members, its own left out.
pub(super) fn members(manifest: &Table, root: &str, files: &Files) -> Result<Vec<String>, String> {
    let Some(workspace) = manifest.get("workspace").and_then(Value::as_table) else {
        return Ok(Vec::new());
    };
    let excluded = strings(workspace, "exclude").map(|path| format!("!{path}"));
    let excluded: Vec<String> = excluded.collect();
    let mut folders = Vec::new();
    for member in strings(workspace, "members") {
        if member.contains(['*', '?', '[']) {
            let patterns = [&[member.to_owned()], excluded.as_slice()].concat();
            folders.extend(paths::members(files, root, &patterns, "Cargo.toml")?);
        } else {
            let folder = joined(root, member);
            folders.push(
                folder.ok_or_else(|| format!("the member `{member}` is outside the context"))?,
            );
        }
    }
    folders.retain(|folder| folder != root);
    Ok(folders)
}

/// The workspace that a package says it belongs to.
pub(super) fn named_workspace(manifest: &Table, dir: &str) -> Result<Option<String>, String> {
    let package = manifest.get("package").and_then(Value::as_table);
    let Some(path) = package.and_then(|package| package.get("workspace")?.as_str()) else {
        return Ok(None);
    };
    let root = joined(dir, path);
    root.map(Some)
        .ok_or_else(|| format!("the workspace `{path}` is outside the context"))
}

/// The folders that dependencies, patches and replacements name, wherever they stand.
pub(super) fn folders_by_path(manifest: &Table, dir: &str) -> Result<Vec<String>, String> {
    let mut folders = Vec::new();
    let mut open: Vec<(&str, &Table)> = vec![("", manifest)];
    while let Some((key, table)) = open.pop() {
        let lists_packages = key.ends_with("dependencies") || key == "replace" || key == "patched";
        for (name, value) in table {
            let Some(inner) = value.as_table() else {
                continue;
            };
            let path = inner.get("path").and_then(Value::as_str);
            if let Some(path) = path.filter(|_| lists_packages) {
                let folder = joined(dir, path)
                    .ok_or_else(|| format!("`{name}` is a package outside the context"))?;
                folders.push(folder);
            }
            // Below `patch` come registries, and below those the packages.
            open.push((if key == "patch" { "patched" } else { name }, inner));
        }
    }
    Ok(folders)
}

fn strings<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = &'a str> {
    let values = table.get(key).and_then(Value::as_array);
    values.into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_by_path_in_every_kind_of_table() {
        let manifest = table(
            "[dependencies]\na = { path = 'a' }\nb = '1'\n\
             [dev-dependencies.c]\npath = '../c'\n\
             [target.'cfg(unix)'.build-dependencies]\nd = { path = 'd', optional = true }\n\
             [workspace.dependencies]\ne = { path = 'e' }\n\
             [patch.crates-io]\nf = { path = 'f' }\n\
             [lib]\npath = 'src/lib.rs'\n",
        );
        let mut folders = folders_by_path(&manifest.unwrap(), "x").unwrap();
        folders.sort();
        assert_eq!(folders, ["c", "x/a", "x/d", "x/e", "x/f"]);
    }
}
