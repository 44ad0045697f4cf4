//! `include`: other projects whose services and secrets become part of this one.
//!
//! Source: <https://docs.docker.com/reference/compose-file/include/>

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::ComposeError;
use super::files::{Files, Scope};
use super::values::{check_keys, entries, items};
use crate::input::env_file::read_env_file;
use crate::input::project::Variables;
use crate::input::yaml::{Entry, Fault, Node, Value};

/// The sections from which a build takes something.
const SECTIONS: [&str; 2] = ["services", "secrets"];

/// A project that is included, as its paths are meant.
struct Included {
    paths: Vec<PathBuf>,
    dir: PathBuf,
    env_files: Vec<PathBuf>,
}

/// What a file says, with all that it includes. `open` are the files that led here, itself last.
///
/// # Errors
///
/// An included file cannot be read, includes one that led to it, or has a service that is there
/// already and says something else.
pub(super) fn include(
    files: &mut Files,
    file: usize,
    open: &mut Vec<PathBuf>,
) -> Result<Node, ComposeError> {
    let mut root = files.root(file).clone();
    let Some(list) = root.get("include").cloned() else {
        return Ok(root);
    };
    let all: Vec<Node> = match list.value {
        Value::List(items) => items,
        _ => return Err(files.error(list.fault("`include` takes a list"))),
    };
    for item in &all {
        let included = included(files, item).map_err(|fault| files.error(fault))?;
        check_circle(files, item, &included.paths, open)?;
        let scope = scope(files, item, included.dir, &included.env_files)?;
        let model = files.model(&included.paths, &scope, open);
        let model = model.map_err(|error| files.caused_by(item, error))?;
        import(files, &mut root, &model, item).map_err(|fault| files.error(fault))?;
    }
    Ok(root)
}

fn included(files: &mut Files, item: &Node) -> Result<Included, Fault> {
    let is_long = matches!(item.value, Value::Map(_));
    if is_long {
        check_keys(item, "include", &["path", "project_directory", "env_file"])?;
    }
    let path_node = match item.get("path") {
        _ if !is_long => item,
        Some(node) => node,
        None => return Err(item.fault("`include` does not say which `path`")),
    };
    let paths = paths(files, path_node, "path")?;
    let dir = match item.get("project_directory") {
        Some(dir) => path(files, dir, "project_directory")?,
        None => paths[0].parent().unwrap_or(Path::new("")).to_owned(),
    };
    let env_files = match item.get("env_file") {
        Some(node) => self::paths(files, node, "env_file")?,
        None => Some(dir.join(".env"))
            .into_iter()
            .filter(|path| path.is_file())
            .collect(),
    };
    Ok(Included {
        paths,
        dir,
        env_files,
    })
}

fn paths(files: &mut Files, node: &Node, key: &str) -> Result<Vec<PathBuf>, Fault> {
    let items = items(node, key)?;
    if items.is_empty() {
        return Err(node.fault(format!("`{key}` is empty")));
    }
    items
        .into_iter()
        .map(|item| path(files, item, key))
        .collect()
}

fn path(files: &mut Files, node: &Node, key: &str) -> Result<PathBuf, Fault> {
    let text = files.text(node, key)?;
    if text.contains("://") || text.starts_with("git@") {
        return Err(node.fault(format!(
            "`{text}` is not on this machine; only files can be included"
        )));
    }
    Ok(files.path_of(node, &text))
}

fn check_circle(
    files: &Files,
    item: &Node,
    paths: &[PathBuf],
    open: &[PathBuf],
) -> Result<(), ComposeError> {
    let full = |path: &PathBuf| fs_err::canonicalize(path).ok();
    for path in paths {
        let start = open
            .iter()
            .position(|open| full(open).is_some() && full(open) == full(path));
        if let Some(start) = start {
            let circle = open[start..].iter().chain([path]);
            let circle: Vec<String> = circle.map(|path| path.display().to_string()).collect();
            let message = format!(
                "files include each other in a circle: `{}`",
                circle.join("` -> `")
            );
            return Err(files.error(item.fault(message)));
        }
    }
    Ok(())
}

/// The scope of an included project: its env files give what the including one does not.
fn scope(
    files: &mut Files,
    item: &Node,
    dir: PathBuf,
    env_files: &[PathBuf],
) -> Result<Scope, ComposeError> {
    let outer = Rc::clone(&files.scope(item.file).variables);
    let winning = |name: &str| outer.get(name).cloned();
    let mut variables = Variables::new();
    for path in env_files {
        let read = read_env_file(path, &variables, &winning)?;
        variables.extend(read);
        files.read.push(("env-file", path.display().to_string()));
    }
    variables.extend(
        outer
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    Ok(Scope {
        dir,
        variables: Rc::new(variables),
    })
}

/// Puts what is included into what includes it.
fn import(files: &Files, root: &mut Node, model: &Node, item: &Node) -> Result<(), Fault> {
    for section in SECTIONS {
        let Some(from) = model.get(section) else {
            continue;
        };
        for entry in entries(from, section)? {
            let known = root.get(section).and_then(|known| known.get(&entry.key));
            match known {
                Some(known) if *known == entry.node => {}
                Some(known) => {
                    return Err(item.fault(format!(
                        "`{section}.{}` is in {} already, and says something else in {}",
                        entry.key,
                        files.place(known),
                        files.place(&entry.node)
                    )));
                }
                None => insert(root, section, entry.clone())?,
            }
        }
    }
    Ok(())
}

fn insert(root: &mut Node, section: &str, entry: Entry) -> Result<(), Fault> {
    let place = root.with(Value::Map(Vec::new()));
    let Value::Map(sections) = &mut root.value else {
        return Err(place.fault("a compose file is a mapping"));
    };
    let known = sections.iter().position(|known| known.key == section);
    let index = known.unwrap_or(sections.len());
    if known.is_none() {
        sections.push(Entry {
            key: section.to_owned(),
            line: place.line,
            node: place,
        });
    }
    match &mut sections[index].node.value {
        Value::Map(entries) => entries.push(entry),
        value => *value = Value::Map(vec![entry]),
    }
    Ok(())
}
