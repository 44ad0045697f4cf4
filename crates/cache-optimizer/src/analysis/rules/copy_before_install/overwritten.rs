//! What an install makes that a copy after it would overwrite, because the context holds it too.

use super::site::Copying;
use super::view::is_within;
use crate::analysis::install::Install;
use crate::analysis::shell::Command;
use crate::model::files::Files;

/// Files and folders that an install fills within the project.
fn made_by(tool: &str) -> &'static [&'static str] {
    match tool {
        // Source: <https://yarnpkg.com/getting-started/qa#which-files-should-be-gitignored>
        "npm" | "yarn" | "pnpm" | "bun" => &[
            "node_modules",
            ".pnp.cjs",
            ".pnp.loader.mjs",
            ".yarn/install-state.gz",
            ".yarn/unplugged",
        ],
        "pip" | "pipenv" | "poetry" | "uv" => &[".venv", "venv"],
        "bundle" => &[".bundle", "vendor/bundle"],
        "composer" => &["vendor"],
        "dotnet" => &["bin", "obj"],
        "gradle" => &[".gradle"],
        "cargo" | "mvn" => &["target"],
        _ => &[],
    }
}

/// The path in the context of what copies would overwrite, or of what may be it.
pub(super) fn overwritten<'a>(
    copyings: impl Iterator<Item = &'a Copying<'a>>,
    install: &Install,
    command: &Command,
    files: &Files,
) -> Option<String> {
    let option = ["--target", "-t", "--prefix", "--root"];
    let target = command.arguments.windows(2).find_map(|pair| {
        let is_of_pip = install.tool == "pip" && option.contains(&pair[0].as_str());
        is_of_pip.then(|| pair[1].trim_start_matches("./").trim_matches('/'))
    });
    let names = made_by(install.tool).iter().copied().chain(target);
    let names: Vec<&str> = names.collect();
    let is_made = |path: &&String| {
        let mut names = names.iter();
        names.any(|name| *path == name || path.ends_with(&format!("/{name}")))
    };
    let sources: Vec<&str> = copyings
        .filter_map(|copying| copying.placement.as_ref())
        .flat_map(|placement| &placement.folders)
        .map(|(source, _)| source.as_str())
        .collect();
    let paths = files.folders.iter().chain(files.sizes_bytes.keys());
    let mut copied = paths.filter(|path| sources.iter().any(|source| is_within(path, source)));
    copied.find(is_made).cloned()
}
