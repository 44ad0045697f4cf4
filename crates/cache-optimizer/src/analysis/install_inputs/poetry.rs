//! What Poetry reads without the project itself: `pyproject.toml`, its lock file and its settings.
//!
//! Source: <https://python-poetry.org/docs/cli/#install>, <https://python-poetry.org/docs/dependency-specification/>

use toml::{Table, Value};

use super::paths::{Gathered, has_flag, join, with_flags, working_dir};
use super::{Inputs, Project, toml_file};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    if has_flag(project.command, "--only-root") {
        return Err("it installs the project alone".to_owned());
    }
    let options = ["--directory", "--project", "-C", "-P"];
    let dir = working_dir(project, &options)?;
    let manifest = toml_file::read(project.files, &dir, "pyproject.toml")?;
    let mut gathered = Gathered::new(project);
    gathered.add_present(&dir, &["pyproject.toml", "poetry.lock", "poetry.toml"]);
    for dependencies in dependencies(&manifest) {
        toml_file::add_archives(&mut gathered, project.files, &dir, dependencies, |key| {
            matches!(key, "file" | "path")
        })?;
    }
    let requirements = toml_file::value(&manifest, &["project", "dependencies"]);
    if let Some(local) = toml_file::names_local(requirements) {
        let path = join(&dir, "pyproject.toml").unwrap_or_default();
        return Err(format!("`{path}` names the local `{local}`"));
    }
    let is_package = toml_file::value(&manifest, &["tool", "poetry", "package-mode"])
        .and_then(Value::as_bool)
        .unwrap_or(true);
    let installs_project = is_package && !has_flag(project.command, "--no-root");
    Ok(gathered.inputs(installs_project.then(|| with_flags(project.command, &["--no-root"]))))
}

/// The dependencies of the project, and those of its groups.
fn dependencies(manifest: &Table) -> Vec<&Value> {
    let of_project = ["dependencies", "dev-dependencies", "group"];
    of_project
        .iter()
        .filter_map(|section| toml_file::value(manifest, &["tool", "poetry", section]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{inputs_of, read};

    const OWN: &str = "[tool.poetry]\nname = 'a'\n[tool.poetry.dependencies]\npython = '^3'\n";

    #[test]
    fn the_project_itself_is_left_out_by_a_flag_unless_it_is_none() {
        let files = [
            ("pyproject.toml", OWN),
            ("poetry.lock", ""),
            ("README.md", ""),
        ];
        let inputs = inputs_of("poetry install --no-interaction", "", &files).unwrap();
        assert_eq!(inputs.paths, ["poetry.lock", "pyproject.toml"]);
        let command = inputs.command.unwrap();
        assert_eq!(command, "poetry install --no-interaction --no-root");
        let inputs = inputs_of("poetry install --no-root", "", &files).unwrap();
        assert_eq!(inputs.command, None);
        let none = ("pyproject.toml", "[tool.poetry]\npackage-mode = false\n");
        assert_eq!(inputs_of("poetry sync", "", &[none]).unwrap().command, None);
    }

    #[test]
    fn a_dependency_by_path_is_built_from_its_sources() {
        let own = format!("{OWN}libs = {{ path = '../libs', develop = true }}\n");
        let files = [
            ("app/pyproject.toml", own.as_str()),
            ("libs/pyproject.toml", ""),
        ];
        let why = read("poetry install --no-root", "app", &files).unwrap_err();
        assert_eq!(
            why,
            "`../libs` is a dependency by its path, which is built from its sources"
        );
    }

    #[test]
    fn an_archive_by_path_is_read() {
        let own = "[tool.poetry.group.dev.dependencies]\na = { path = 'dist/a.whl' }\n";
        let files = [("pyproject.toml", own), ("dist/a.whl", "")];
        let expected = ["dist/a.whl", "pyproject.toml"];
        assert_eq!(
            read("poetry install --no-root", "", &files).unwrap(),
            expected
        );
    }
}
