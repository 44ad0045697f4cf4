//! What pipenv reads: `Pipfile` and its lock file.
//!
//! Source: <https://pipenv.pypa.io/en/latest/pipfile.html>

use super::paths::Gathered;
use super::{Inputs, Project, toml_file};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let manifest = toml_file::read(project.files, project.dir, "Pipfile")?;
    let mut gathered = Gathered::new(project);
    gathered.add_present(project.dir, &["Pipfile", "Pipfile.lock"]);
    let sections = manifest
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "source" | "requires" | "scripts" | "pipenv"));
    for (_, dependencies) in sections {
        toml_file::add_archives(
            &mut gathered,
            project.files,
            project.dir,
            dependencies,
            |key| matches!(key, "file" | "path"),
        )?;
    }
    Ok(gathered.inputs(None))
}

#[cfg(test)]
mod tests {
    use super::super::sample::read;

    #[test]
    fn the_manifest_and_its_lock_file_are_read() {
        let own =
            "[packages]\nflask = '*'\na = { git = 'https://example.com/a.git', editable = true }\n";
        let files = [("Pipfile", own), ("Pipfile.lock", "{}"), ("app.py", "")];
        assert_eq!(
            read("pipenv sync --system", "", &files).unwrap(),
            ["Pipfile", "Pipfile.lock"]
        );
    }

    #[test]
    fn what_is_built_from_sources_is_a_reason() {
        let own = "[packages]\nmine = { path = '.', editable = true }\n";
        assert!(read("pipenv install", "", &[("Pipfile", own)]).is_err());
    }
}
