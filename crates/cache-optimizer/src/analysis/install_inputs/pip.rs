//! What pip reads: requirements files, and those that they name.
//!
//! Source: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>

use super::paths::{Gathered, join, option_value, parent};
use super::{Inputs, Project};
use crate::analysis::install::install;
use crate::model::files::Files;

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let install = install(project.command);
    let mut gathered = Gathered::new(project);
    for name in install.iter().flat_map(|install| &install.manifests) {
        if name.contains("://") {
            continue;
        }
        let path = within(project.dir, name)?;
        add_requirements(&mut gathered, project, &path)?;
    }
    let links = option_value(project.command, &["--find-links", "-f"]);
    if let Some(path) = links.filter(|path| !path.contains("://")) {
        add_local(&mut gathered, project.files, project.dir, path)?;
    }
    if project.command.program == "uv" {
        let settings = [".python-version", "pyproject.toml", "uv.toml"];
        gathered.add_present(project.dir, &settings);
    }
    Ok(gathered.inputs(None))
}

fn within(dir: &str, path: &str) -> Result<String, String> {
    let joined = join(dir, path).filter(|_| !path.contains('$'));
    joined.ok_or_else(|| format!("`{path}` is no path of the context"))
}

/// Adds a requirements file and all that it names.
fn add_requirements(
    gathered: &mut Gathered<'_>,
    project: Project<'_>,
    path: &str,
) -> Result<(), String> {
    if gathered.has(path) {
        return Ok(());
    }
    let text = project.files.text(path);
    let text = text.ok_or_else(|| format!("what is in `{path}` is not known"))?;
    gathered.add(path.to_owned());
    let text = text.replace("\\\n", " ").replace("\\\r\n", " ");
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or(line).trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match option(line) {
            Some(("-r" | "-c" | "--requirement" | "--constraint", file))
                if !file.contains("://") =>
            {
                let file = within(parent(path), file)?;
                add_requirements(gathered, project, &file)?;
            }
            Some(("-e" | "--editable", package)) if !is_remote(package) => {
                return Err(format!("`{path}` installs `{package}` from its sources"));
            }
            Some(("-f" | "--find-links", links)) if !links.contains("://") => {
                add_local(gathered, project.files, project.dir, links)?;
            }
            None if line.contains("file:") => {
                return Err(format!("`{path}` names the local `{line}`"));
            }
            None if is_local(line) => add_local(gathered, project.files, project.dir, line)?,
            _ => {}
        }
    }
    Ok(())
}

/// The name and value of an option in a requirements file.
fn option(line: &str) -> Option<(&str, &str)> {
    if !line.starts_with('-') {
        return None;
    }
    let is_short = !line.starts_with("--");
    match line.split_once(|c: char| c == '=' || c.is_whitespace()) {
        Some((name, value)) if !is_short || name.len() == 2 => Some((name, value.trim())),
        _ if is_short && line.is_char_boundary(2) => {
            let (name, value) = line.split_at(2);
            Some((name, value.trim()))
        }
        _ => Some((line, "")),
    }
}

fn is_remote(package: &str) -> bool {
    package.contains("://") && !package.contains("file:")
}

/// Whether a line is a path rather than the name of a package.
fn is_local(line: &str) -> bool {
    let path = line.split([';', ' ']).next().unwrap_or(line);
    let is_archive = [".whl", ".zip", ".tar.gz"]
        .iter()
        .any(|end| path.ends_with(end));
    let is_path = path.starts_with(['.', '/', '~']) || path.contains('/') || is_archive;
    is_path && !line.contains("://") && !line.contains('@')
}

/// Adds an archive, or a folder of archives.
fn add_local(
    gathered: &mut Gathered<'_>,
    files: &Files,
    dir: &str,
    path: &str,
) -> Result<(), String> {
    let path = path.split([';', ' ', '[']).next().unwrap_or(path);
    let joined = within(dir, path)?;
    let holds_project = ["pyproject.toml", "setup.cfg", "setup.py"]
        .iter()
        .any(|name| join(&joined, name).is_some_and(|path| files.has_file(&path)));
    if joined.is_empty() || holds_project || !gathered.add(joined) {
        return Err(format!("`{path}` is installed from its sources"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
