//! pip, uv, Poetry and Pipenv.

use super::{Folder, Reads, Surroundings, Tool, refuse_flag};
use crate::analysis::shell::Command;

pub(super) const TOOLS: [Tool; 4] = [
    // Source: <https://pip.pypa.io/en/stable/topics/caching/>
    Tool {
        name: "pip",
        programs: &["pip", "pip3"],
        uses: |_, words| {
            matches!(words, ["install" | "wheel" | "download", ..]).then_some(Reads::Nothing)
        },
        folders: |command, around| {
            refuse_flag(command, &["--cache-dir"])?;
            refuse_variable(around, "PIP_NO_CACHE_DIR")?;
            let variables = [("PIP_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/pip")];
            Ok(vec![Folder::shared(
                around.below_home(&variables, "/.cache/pip")?,
            )])
        },
    },
    // Source: <https://docs.astral.sh/uv/guides/integration/docker/#caching>
    Tool {
        name: "uv",
        programs: &["uv"],
        uses: |_, words| {
            let installs = matches!(
                words,
                ["sync" | "add", ..] | ["pip", "install" | "sync", ..] | ["tool", "install", ..]
            );
            installs.then_some(Reads::Nothing)
        },
        folders: |command, around| {
            refuse_flag(command, &["--cache-dir"])?;
            refuse_variable(around, "UV_NO_CACHE")?;
            if around.variable("UV_LINK_MODE")?.as_deref() == Some("symlink")
                || command
                    .arguments
                    .iter()
                    .any(|argument| argument.contains("symlink"))
            {
                return Err("what it installs are links into its cache".to_owned());
            }
            let variables = [("UV_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/uv")];
            Ok(vec![Folder::shared(
                around.below_home(&variables, "/.cache/uv")?,
            )])
        },
    },
    // Virtual environments lie in the same folder, and are results: only its other parts are mounted.
    // Source: <https://python-poetry.org/docs/configuration/#cache-dir>
    Tool {
        name: "poetry",
        programs: &["poetry"],
        uses: |_, words| {
            matches!(words, ["install" | "sync" | "add", ..]).then_some(Reads::Nothing)
        },
        folders: |_, around| {
            let variables = [("POETRY_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/pypoetry")];
            let path = around.below_home(&variables, "/.cache/pypoetry")?;
            let parts = ["artifacts", "cache"].into_iter();
            Ok(parts
                .map(|part| Folder::shared(format!("{path}/{part}")))
                .collect())
        },
    },
    // Source: <https://pipenv.pypa.io/en/latest/configuration.html>
    Tool {
        name: "pipenv",
        programs: &["pipenv"],
        uses: |_, words| matches!(words, ["install" | "sync", ..]).then_some(Reads::Nothing),
        folders: |_, around| {
            let variables = [("PIPENV_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/pipenv")];
            Ok(vec![Folder::shared(
                around.below_home(&variables, "/.cache/pipenv")?,
            )])
        },
    },
];

fn refuse_variable(around: &Surroundings<'_>, name: &str) -> Result<(), String> {
    match around.variable(name)?.as_deref() {
        None | Some("0" | "false" | "off" | "no") => Ok(()),
        Some(_) => Err(format!("`{name}` turns the cache off")),
    }
}

/// `pip` called as a module of Python, or with a version in its name, as what it is.
pub(super) fn without_interpreter(command: &Command) -> Command {
    let is_module = command.program.starts_with("python")
        && matches!(command.arguments.as_slice(), [flag, module, ..] if flag == "-m" && module == "pip");
    let is_versioned = command.program.starts_with("pip3.");
    Command {
        program: if is_module || is_versioned {
            "pip".to_owned()
        } else {
            command.program.clone()
        },
        arguments: command.arguments[if is_module { 2 } else { 0 }..].to_vec(),
    }
}
