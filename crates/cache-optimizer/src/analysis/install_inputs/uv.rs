//! What uv reads without the project itself: `pyproject.toml` of the project and of its workspace, the
//! lock file and its settings.
//!
//! Source: <https://docs.astral.sh/uv/guides/integration/docker/#intermediate-layers>,
//! <https://docs.astral.sh/uv/concepts/projects/workspaces/>

use std::collections::BTreeMap;
use toml::{Table, Value};

use super::paths::{Gathered, has_flag, join, members, parent, with_flags, working_dir};
use super::{Inputs, Project, toml_file};
use crate::model::files::Files;

const MANIFEST: &str = "pyproject.toml";

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let dir = working_dir(project, &["--directory", "--project"])?;
    let root = root(project.files, &dir);
    let manifests = manifests(project.files, &root)?;
    let mut gathered = Gathered::new(project);
    gathered.add_present(&root, &["uv.lock", "uv.toml"]);
    for folder in [&root, &dir] {
        gathered.add_present(folder, &[".python-version", ".python-versions", MANIFEST]);
    }
    let is_frozen = has_flag(project.command, "--frozen");
    for (folder, manifest) in &manifests {
        gathered.add_present(folder, &[MANIFEST]);
        add_local(project.files, &mut gathered, folder, manifest)?;
        let dynamic = toml_file::texts(toml_file::value(manifest, &["project", "dynamic"]));
        if let Some(field) = dynamic.first().filter(|_| !is_frozen) {
            let path = join(folder, MANIFEST).unwrap_or_default();
            return Err(format!("`{field}` in `{path}` is made from the sources"));
        }
    }
    let own = &manifests[&root];
    let is_workspace = toml_file::value(own, &["tool", "uv", "workspace"]).is_some();
    let flag = if is_workspace {
        "--no-install-workspace"
    } else {
        "--no-install-project"
    };
    let installs_project = is_workspace || is_package(own);
    let is_without = has_flag(project.command, flag);
    let command = installs_project && !is_without;
    Ok(gathered.inputs(command.then(|| with_flags(project.command, &[flag]))))
}

/// The folder of the workspace around `dir`, or `dir` itself.
fn root(files: &Files, dir: &str) -> String {
    let mut folder = dir;
    loop {
        let manifest = toml_file::read(files, folder, MANIFEST).unwrap_or_default();
        if toml_file::value(&manifest, &["tool", "uv", "workspace"]).is_some() {
            return folder.to_owned();
        }
        if folder.is_empty() {
            return dir.to_owned();
        }
        folder = parent(folder);
    }
}

/// The manifests of a root and of its workspace, by folder.
fn manifests(files: &Files, root: &str) -> Result<BTreeMap<String, Table>, String> {
    let own = toml_file::read(files, root, MANIFEST)?;
    let list =
        |name: &str| toml_file::texts(toml_file::value(&own, &["tool", "uv", "workspace", name]));
    let mut patterns = list("members");
    patterns.extend(list("exclude").iter().map(|pattern| format!("!{pattern}")));
    let mut manifests = BTreeMap::new();
    for folder in members(files, root, &patterns, MANIFEST)? {
        manifests.insert(folder.clone(), toml_file::read(files, &folder, MANIFEST)?);
    }
    manifests.insert(root.to_owned(), own);
    Ok(manifests)
}

/// Adds the archives that a manifest names, and refuses folders.
fn add_local(
    files: &Files,
    gathered: &mut Gathered<'_>,
    folder: &str,
    manifest: &Table,
) -> Result<(), String> {
    if let Some(sources) = toml_file::value(manifest, &["tool", "uv", "sources"]) {
        toml_file::add_archives(gathered, files, folder, sources, |key| key == "path")?;
    }
    let requirements = toml_file::value(manifest, &["project", "dependencies"]);
    if let Some(local) = toml_file::names_local(requirements) {
        return Err(format!("`{folder}/{MANIFEST}` names the local `{local}`"));
    }
    let links = toml_file::texts(toml_file::value(manifest, &["tool", "uv", "find-links"]));
    for path in links.iter().filter(|path| !path.contains("://")) {
        let joined = join(folder, path).filter(|path| !path.is_empty());
        if !joined.is_some_and(|path| gathered.add(path)) {
            return Err(format!("`{path}` is no path of the context"));
        }
    }
    Ok(())
}

/// Whether a sync installs the project itself.
/// Source: <https://docs.astral.sh/uv/concepts/projects/config/#project-packaging>
fn is_package(manifest: &Table) -> bool {
    let said = toml_file::value(manifest, &["tool", "uv", "package"]).and_then(Value::as_bool);
    said.unwrap_or_else(|| manifest.contains_key("build-system"))
}

#[cfg(test)]
mod tests;
