//! Manifests in TOML, and the paths that dependencies in them have.

use toml::{Table, Value};

use super::paths::{Gathered, join};
use crate::model::files::Files;

/// Reads a manifest in a folder.
///
/// # Errors
///
/// It is not among the files, or is not TOML.
pub(super) fn read(files: &Files, folder: &str, name: &str) -> Result<Table, String> {
    let path = join(folder, name).unwrap_or_default();
    let text = files.text(&path);
    let text = text.ok_or_else(|| format!("`{path}` is not among the files copied before it"))?;
    text.parse()
        .map_err(|_| format!("`{path}` is not valid TOML"))
}

/// The value at a path of keys.
pub(super) fn value<'a>(table: &'a Table, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    let mut value = table.get(*first)?;
    for key in rest {
        value = value.get(*key)?;
    }
    Some(value)
}

/// Adds the archives that dependencies name by a path, as seen from `folder`. `is_path` tells by its
/// key whether a text is one.
///
/// # Errors
///
/// A dependency is a folder, which an install builds from its sources, or is not there.
pub(super) fn add_archives(
    gathered: &mut Gathered<'_>,
    files: &Files,
    folder: &str,
    dependencies: &Value,
    is_path: fn(&str) -> bool,
) -> Result<(), String> {
    match dependencies {
        Value::Table(table) => table.iter().try_for_each(|(key, value)| match value {
            Value::String(path) if is_path(key) => add_archive(gathered, files, folder, path),
            value => add_archives(gathered, files, folder, value, is_path),
        }),
        Value::Array(values) => values
            .iter()
            .try_for_each(|value| add_archives(gathered, files, folder, value, is_path)),
        _ => Ok(()),
    }
}

fn add_archive(
    gathered: &mut Gathered<'_>,
    files: &Files,
    folder: &str,
    path: &str,
) -> Result<(), String> {
    if path.contains("://") {
        return Ok(());
    }
    match join(folder, path) {
        Some(path) if files.has_file(&path) => {
            gathered.add(path);
            Ok(())
        }
        _ => Err(format!(
            "`{path}` is a dependency by its path, which is built from its sources"
        )),
    }
}

/// The items of a list that are text.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a list of requirements names a local file or folder.
pub(super) fn names_local(requirements: Option<&Value>) -> Option<String> {
    let mut requirements = texts(requirements).into_iter();
    requirements.find(|requirement| requirement.contains("file:"))
}
