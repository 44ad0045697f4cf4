//! What installs of JavaScript packages read: the manifests of a project and of its workspaces, what
//! those name by path, lock files and settings.
//!
//! Scripts that run with an install, and the programs of a workspace's own packages, make what is read
//! or written unknown: they are the reasons here.

mod scripts;

use serde_json::Value;
use std::collections::BTreeMap;

use super::paths::{Gathered, has_flag, join, members, option_value, parent, working_dir};
use super::{Inputs, Project};
use crate::model::files::Files;

/// What is of one package manager.
pub(super) struct Dialect {
    /// Options that name the folder to work in.
    pub(super) dir_options: &'static [&'static str],
    /// Files and folders beside the root's manifest that it reads, lock files among them.
    pub(super) names: &'static [&'static str],
    /// Files among them whose text may name others by their paths.
    pub(super) settings: &'static [&'static str],
    /// Whether scripts run at all.
    pub(super) runs_scripts: bool,
}

/// Options whose value changes where files are read from or written to.
/// Source: <https://pnpm.io/cli/install>, <https://classic.yarnpkg.com/lang/en/docs/cli/install/>,
/// <https://docs.npmjs.com/cli/using-npm/config>
const PATH_OPTIONS: [&str; 7] = [
    "--globalconfig",
    "--lockfile-dir",
    "--modules-dir",
    "--modules-folder",
    "--use-yarnrc",
    "--userconfig",
    "--virtual-store-dir",
];

/// Settings of packages that many projects depend on, read while those are installed.
/// Source: <https://pptr.dev/guides/configuration>
const NAMES_OF_ALL: [&str; 8] = [
    ".npmrc",
    ".puppeteerrc",
    ".puppeteerrc.cjs",
    ".puppeteerrc.js",
    ".puppeteerrc.json",
    ".puppeteerrc.mjs",
    "puppeteer.config.cjs",
    "puppeteer.config.js",
];

/// What an install by the manifests reads.
pub(super) fn inputs(project: Project<'_>, dialect: &Dialect) -> Result<Inputs, String> {
    let arguments = &project.command.arguments;
    if let Some(argument) = arguments.iter().find(|a| a.contains('$')) {
        return Err(format!("what `{argument}` stands for is not known"));
    }
    if let Some(path) = option_value(project.command, &PATH_OPTIONS) {
        return Err(format!("it is told of `{path}` by an option"));
    }
    let dir = working_dir(project, dialect.dir_options)?;
    let root = root(project.files, &dir);
    let mut gathered = Gathered::new(project);
    for folder in [root.as_str(), &dir] {
        gathered.add_present(folder, dialect.names);
        gathered.add_present(folder, &NAMES_OF_ALL);
        for name in dialect.settings.iter().chain([&".npmrc"]) {
            add_named(project.files, &mut gathered, folder, name);
        }
    }
    let packages = packages(project.files, &mut gathered, &root)?;
    let runs_scripts = dialect.runs_scripts && !has_flag(project.command, "--ignore-scripts");
    for (folder, manifest) in &packages {
        if *folder != root {
            check_programs(project.files, folder, manifest)?;
        }
        if runs_scripts {
            scripts::check(project.files, &mut gathered, folder, manifest)?;
        }
    }
    Ok(gathered.inputs(None))
}

/// The folder whose manifest decides: that of the workspace around `dir`, if there is one.
fn root(files: &Files, dir: &str) -> String {
    let mut folder = dir;
    let mut root = dir;
    loop {
        let text = join(folder, "package.json").and_then(|path| files.text(&path));
        let has_workspaces = text.is_some_and(|text| text.contains("\"workspaces\""));
        let settings = join(folder, "pnpm-workspace.yaml");
        if has_workspaces || settings.is_some_and(|path| files.has_file(&path)) {
            root = folder;
        }
        if folder.is_empty() {
            return root.to_owned();
        }
        folder = parent(folder);
    }
}

/// The manifests of the root, of its workspaces, and of the folders that they name, by folder.
fn packages(
    files: &Files,
    gathered: &mut Gathered<'_>,
    root: &str,
) -> Result<BTreeMap<String, Value>, String> {
    let mut packages = BTreeMap::new();
    let mut next = vec![root.to_owned()];
    while let Some(folder) = next.pop() {
        if packages.contains_key(&folder) {
            continue;
        }
        let manifest = read(files, &folder)?;
        gathered.add_present(&folder, &["package.json"]);
        if folder == root {
            let patterns = patterns(files, root, &manifest)?;
            next.extend(members(files, root, &patterns, "package.json")?);
        }
        for path in local_paths(&folder, &manifest)? {
            if path.is_empty() || folder.starts_with(&format!("{path}/")) {
                return Err(format!(
                    "`{folder}/package.json` names a folder around itself"
                ));
            }
            if files.folders.contains(&path) {
                next.push(path.clone());
            }
            if !gathered.add(path.clone()) {
                return Err(format!(
                    "`{path}`, which a manifest names, is not copied before it"
                ));
            }
        }
        packages.insert(folder, manifest);
    }
    Ok(packages)
}

fn read(files: &Files, folder: &str) -> Result<Value, String> {
    let path = join(folder, "package.json").unwrap_or_default();
    let text = files.text(&path);
    let text = text.ok_or_else(|| format!("`{path}` is not among the files copied before it"))?;
    let manifest = serde_json::from_str(text.trim_start_matches('\u{feff}'));
    manifest.map_err(|_| format!("`{path}` is not valid"))
}

/// The patterns of a root's workspaces.
fn patterns(files: &Files, root: &str, manifest: &Value) -> Result<Vec<String>, String> {
    let settings = join(root, "pnpm-workspace.yaml").and_then(|path| files.text(&path));
    if let Some(text) = settings {
        return listed_packages(text)
            .ok_or_else(|| "`pnpm-workspace.yaml` is not understood".to_owned());
    }
    let workspaces = &manifest["workspaces"];
    let workspaces = workspaces.as_array().or(workspaces["packages"].as_array());
    let texts = workspaces.into_iter().flatten().filter_map(Value::as_str);
    Ok(texts.map(str::to_owned).collect())
}

/// The items of `packages:` in `pnpm-workspace.yaml`, as the usual block of dashes. `None` for any
/// other form, and for settings that name folders of the project.
fn listed_packages(text: &str) -> Option<Vec<String>> {
    let names_folder = ["file:", "link:", "portal:"]
        .iter()
        .any(|n| text.contains(n));
    let mut patterns = Vec::new();
    let mut is_within = false;
    for line in text.lines() {
        let content = line.split(" #").next().unwrap_or(line).trim_end();
        let item = content.trim_start();
        if item.is_empty() || item.starts_with('#') {
            continue;
        }
        if let Some(pattern) = item.strip_prefix("- ").filter(|_| is_within) {
            patterns.push(pattern.trim().trim_matches(['"', '\'']).to_owned());
            continue;
        }
        is_within = content == "packages:";
        if !is_within && item.starts_with("packages:") && content.starts_with("packages") {
            return None;
        }
    }
    (!names_folder).then_some(patterns)
}

/// The paths of the context that a manifest's dependencies and patches name.
fn local_paths(folder: &str, manifest: &Value) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    let sections = [
        "/dependencies",
        "/devDependencies",
        "/optionalDependencies",
        "/resolutions",
        "/overrides",
        "/pnpm/overrides",
    ];
    for section in sections {
        let values = manifest.pointer(section);
        collect(values, &mut |text| spec_paths(text, &mut paths))?;
    }
    for section in ["/patchedDependencies", "/pnpm/patchedDependencies"] {
        let values = manifest.pointer(section);
        collect(values, &mut |text| {
            paths.push(text.to_owned());
            Ok(())
        })?;
    }
    let joined = paths.iter().map(|path| {
        join(folder, path).ok_or_else(|| format!("`{path}` lies outside the build context"))
    });
    joined.collect()
}

/// Calls `visit` with each text within a value.
fn collect(
    value: Option<&Value>,
    visit: &mut impl FnMut(&str) -> Result<(), String>,
) -> Result<(), String> {
    match value {
        Some(Value::String(text)) => visit(text),
        Some(Value::Object(map)) => map.values().try_for_each(|v| collect(Some(v), visit)),
        _ => Ok(()),
    }
}

/// Adds the paths that a version of a dependency names.
/// Source: <https://docs.npmjs.com/cli/configuring-npm/package-json#local-paths>,
/// <https://yarnpkg.com/protocols>
fn spec_paths(spec: &str, paths: &mut Vec<String>) -> Result<(), String> {
    for protocol in ["file:", "link:", "portal:"] {
        if let Some(path) = spec.strip_prefix(protocol) {
            let path = path.split(['#', '?']).next().unwrap_or(path);
            paths.push(path.to_owned());
            return Ok(());
        }
    }
    if spec.starts_with("patch:") {
        let patches = spec.rsplit_once('#').map_or("", |(_, patches)| patches);
        let patches = patches.split("::").next().unwrap_or(patches);
        let of_project = patches
            .split('&')
            .filter(|patch| !patch.contains("builtin<"));
        paths.extend(of_project.map(|patch| patch.trim_start_matches("~/").to_owned()));
    } else if spec.starts_with("exec:") {
        return Err(format!("the dependency `{spec}` is made by a script"));
    } else if spec.starts_with(['.', '/', '~']) && spec.contains('/') {
        paths.push(spec.to_owned());
    }
    Ok(())
}

/// An install makes programs of a workspace's package executable, and links them only when they are
/// there.
fn check_programs(files: &Files, folder: &str, manifest: &Value) -> Result<(), String> {
    let mut programs = Vec::new();
    collect(manifest.get("bin"), &mut |text| {
        programs.extend(join(folder, text));
        Ok(())
    })?;
    match programs.iter().find(|path| files.has_file(path)) {
        Some(path) => Err(format!(
            "`{folder}/package.json` offers the program `{path}`, which the install links"
        )),
        None if manifest.pointer("/directories/bin").is_some() => Err(format!(
            "`{folder}/package.json` offers a folder of programs, which the install links"
        )),
        None => Ok(()),
    }
}

/// Adds the files and folders that the text of a settings file names.
fn add_named(files: &Files, gathered: &mut Gathered<'_>, folder: &str, name: &str) {
    let text = join(folder, name).and_then(|path| files.text(&path));
    let words = text.unwrap_or_default();
    let words = words.split(|c: char| c.is_whitespace() || "\"'=,[]{}".contains(c));
    // A single name is more often a word than a folder.
    for word in words.filter(|word| word.contains('/')) {
        let path = join(folder, word).filter(|path| !path.is_empty());
        // Folders in the settings of a workspace are its packages.
        let is_read = |path: &String| name != "pnpm-workspace.yaml" || files.has_file(path);
        if let Some(path) = path.filter(is_read) {
            gathered.add(path);
        }
    }
}

#[cfg(test)]
mod tests;
