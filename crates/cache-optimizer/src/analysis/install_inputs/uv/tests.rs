//! Projects of uv, by hand, and what a sync of each reads.

use super::super::sample::{inputs_of, read};

const OWN: &str = "[project]\nname = 'a'\nreadme = 'README.md'\n[build-system]\nrequires = []\n";

#[test]
fn the_project_itself_is_left_out_by_a_flag() {
    let files = [
        ("pyproject.toml", OWN),
        ("uv.lock", ""),
        (".python-version", "3.12"),
        ("README.md", ""),
    ];
    let inputs = inputs_of("uv sync --locked", "", &files).unwrap();
    assert_eq!(
        inputs.paths,
        [".python-version", "pyproject.toml", "uv.lock"]
    );
    let command = inputs.command.unwrap();
    assert_eq!(command, "uv sync --locked --no-install-project");
}

#[test]
fn a_project_that_is_no_package_needs_no_flag() {
    let files = [
        ("pyproject.toml", "[project]\nname = 'a'\n"),
        ("uv.lock", ""),
    ];
    assert_eq!(inputs_of("uv sync", "", &files).unwrap().command, None);
}

#[test]
fn members_of_a_workspace_are_read_and_left_out_by_another_flag() {
    let own = "[tool.uv.workspace]\nmembers = ['packages/*']\nexclude = ['packages/b']\n";
    let files = [
        ("pyproject.toml", own),
        ("uv.lock", ""),
        ("packages/a/pyproject.toml", "[project]\nname = 'b'\n"),
        ("packages/b/pyproject.toml", ""),
    ];
    let inputs = inputs_of("uv sync --frozen", "packages/a", &files).unwrap();
    let expected = ["packages/a/pyproject.toml", "pyproject.toml", "uv.lock"];
    assert_eq!(inputs.paths, expected);
    assert_eq!(
        inputs.command.unwrap(),
        "uv sync --frozen --no-install-workspace"
    );
}

#[test]
fn what_is_made_from_sources_is_a_reason() {
    let dynamic = "[project]\nname = 'a'\ndynamic = ['version']\n";
    let why = read("uv sync --locked", "", &[("pyproject.toml", dynamic)]).unwrap_err();
    assert_eq!(
        why,
        "`version` in `pyproject.toml` is made from the sources"
    );
    assert!(read("uv sync --frozen", "", &[("pyproject.toml", dynamic)]).is_ok());
    let by_path = "[tool.uv.sources]\nlibs = { path = 'libs', editable = true }\n";
    assert!(read("uv sync", "", &[("pyproject.toml", by_path)]).is_err());
}
