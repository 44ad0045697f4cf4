//! What `dotnet restore` reads: the solution, the projects that it leads to, and what is
//! looked for in the folders above them.
//!
//! Source: <https://learn.microsoft.com/dotnet/core/tools/dotnet-restore>,
//! <https://learn.microsoft.com/visualstudio/msbuild/customize-by-directory>

mod project;

use super::needed::{Needed, ancestors, extension, joined, within};
use super::paths::parent;
use super::{Inputs, Project};
use project::{package_folders, project_references, solution_projects};

/// Files that count for every project below them.
const OF_FOLDERS: [&str; 10] = [
    "Directory.Build.props",
    "Directory.Build.rsp",
    "Directory.Build.targets",
    "Directory.Packages.props",
    "Directory.Solution.props",
    "Directory.Solution.targets",
    "NuGet.Config",
    "NuGet.config",
    "global.json",
    "nuget.config",
];

/// Projects whose text is read here.
const PROJECTS: [&str; 3] = [".csproj", ".fsproj", ".vbproj"];

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let mut needed = Needed::new(project.files);
    let mut open = vec![start(project)?];
    add_configfile(&mut needed, project)?;
    add_of_folders(&mut needed, project.dir)?;
    while let Some(path) = open.pop() {
        if !needed.require(&path)? {
            continue;
        }
        add_of_folders(&mut needed, parent(&path))?;
        let projects = if is_solution(&path) {
            solution_projects(&path, needed.text(&path)?)?
        } else if is_project(&path) {
            check_output(project, parent(&path))?;
            needed.add(&within(parent(&path), "packages.lock.json"))?;
            project_references(&path, needed.text(&path)?)?
        } else if path.ends_with(".dcproj") {
            Vec::new()
        } else {
            return Err(format!("what `{path}` needs is not known"));
        };
        for named in projects {
            let project = joined(parent(&path), &named);
            open.push(project.ok_or_else(|| format!("`{named}` is outside the context"))?);
        }
    }
    Ok(needed.into_inputs())
}

fn is_solution(path: &str) -> bool {
    [".sln", ".slnx"].iter().any(|end| path.ends_with(end))
}

fn is_project(path: &str) -> bool {
    PROJECTS.iter().any(|end| path.ends_with(end))
}

/// Flags of `dotnet restore` with a value.
const VALUE_FLAGS: [&str; 6] = [
    "--configfile",
    "--packages",
    "--runtime",
    "--source",
    "-r",
    "-s",
];

/// The solution or project that the command is about.
fn start(project: Project<'_>) -> Result<String, String> {
    let is_file = |path: &str| is_solution(path) || is_project(path);
    let outside = |path: &str| format!("`{path}` is outside the context");
    let mut dir = project.dir.to_owned();
    let mut arguments = project.command.arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        if VALUE_FLAGS.contains(&argument.as_str()) {
            arguments.next();
        } else if is_file(argument) {
            return joined(project.dir, argument).ok_or_else(|| outside(argument));
        } else if !argument.starts_with(['-', '/']) {
            dir = joined(project.dir, argument).ok_or_else(|| outside(argument))?;
        }
    }
    let files = project.files.sizes_bytes.keys();
    let mut found = files.filter(|path| parent(path) == dir && is_file(path));
    match (found.next(), found.next()) {
        (Some(path), None) => Ok(path.clone()),
        (None, _) => Err(format!("there is no project in `{dir}/`")),
        (Some(_), Some(_)) => Err(format!("there is more than one project in `{dir}/`")),
    }
}

/// The settings that the command names.
fn add_configfile(needed: &mut Needed<'_>, project: Project<'_>) -> Result<(), String> {
    let mut arguments = project.command.arguments.iter();
    let named = arguments
        .clone()
        .find_map(|a| a.strip_prefix("--configfile="));
    let after = arguments.find(|a| *a == "--configfile");
    let named = named.or(after.and(arguments.next()).map(String::as_str));
    let Some(named) = named else {
        return Ok(());
    };
    let path =
        joined(project.dir, named).ok_or_else(|| format!("`{named}` is outside the context"))?;
    needed.require(&path)?;
    let text = project.files.text(&path);
    let text = text.ok_or_else(|| format!("`{path}` was not read"))?;
    match package_folders(&path, text)?.first() {
        Some(folder) => Err(format!("`{path}` takes packages from `{folder}`")),
        None => Ok(()),
    }
}

/// What was restored must not be copied over by what a developer's machine wrote.
fn check_output(project: Project<'_>, dir: &str) -> Result<(), String> {
    let output = within(dir, "obj");
    if project.files.folders.contains(&output) {
        return Err(format!(
            "`{output}` is in the context, and would be copied over what was restored"
        ));
    }
    Ok(())
}

fn add_of_folders(needed: &mut Needed<'_>, dir: &str) -> Result<(), String> {
    for dir in ancestors(dir) {
        for name in OF_FOLDERS {
            let path = within(dir, name);
            if needed.has(&path) && needed.require(&path)? {
                add_named(needed, dir, &path)?;
            }
        }
    }
    Ok(())
}

/// What a file that counts for a folder names in turn.
fn add_named(needed: &mut Needed<'_>, dir: &str, path: &str) -> Result<(), String> {
    if matches!(extension(path), "props" | "targets") {
        let projects = project_references(path, needed.text(path)?)?;
        if let Some(project) = projects.first() {
            return Err(format!("`{path}` refers to `{project}`"));
        }
    } else if path.to_ascii_lowercase().ends_with("nuget.config") {
        for folder in package_folders(path, needed.text(path)?)? {
            let folder = joined(dir, &folder)
                .ok_or_else(|| format!("the packages in `{folder}` are outside the context"))?;
            needed.add_folder(&folder)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
