//! What the `RUN` that installs runs: its installs with their working directories, what prepares them,
//! and where other commands begin.

use common::dockerfile::Run;

use super::placement::image_path;
use super::preparation::{needs_no_project, redirects};
use crate::analysis::install::{Install, install};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_state::State;

/// One install in a `RUN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Installing {
    pub(super) command: Command,
    pub(super) install: Install,
    /// The working directory in the image.
    pub(super) dir: String,
    /// The index of the command among those of the `RUN`.
    pub(super) index: usize,
}

/// The commands of a `RUN` that installs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Commands {
    /// All of them.
    pub(super) all: Vec<Command>,
    /// The installs before any other command than those that prepare.
    pub(super) installs: Vec<Installing>,
    /// The index of the first command that may need the sources.
    pub(super) rest: Option<usize>,
}

/// Looks at the commands of a `RUN`.
///
/// # Errors
///
/// Why it cannot be said what runs where.
pub(super) fn commands(run: &Run, state: &State, escape: char) -> Result<Commands, String> {
    check_form(run, state)?;
    let all = run_commands(run);
    let unknown = || "the working directory of the install is not known".to_owned();
    let mut dir = image_path(state, ".", escape).ok_or_else(unknown)?;
    let mut installs = Vec::new();
    let mut rest = None;
    for (index, command) in all.iter().enumerate() {
        if command.program == "cd" {
            let inside = State {
                workdir: Some(dir),
                ..State::default()
            };
            let [path] = command.arguments.as_slice() else {
                return Err(unknown());
            };
            let is_plain = !path.starts_with(['-', '~']) && !path.contains('$');
            // Commands in brackets come back from where they went.
            if !is_plain || run.command.contains('(') {
                return Err(unknown());
            }
            dir = inside.absolute(path, escape).ok_or_else(unknown)?;
        } else if let Some(install) = install(command) {
            installs.push(Installing {
                command: command.clone(),
                install,
                dir: dir.clone(),
                index,
            });
        } else if !needs_no_project(command) {
            rest = Some(index);
            break;
        }
    }
    match rest {
        Some(index) if installs.is_empty() => Err(format!(
            "`{}`, which runs before the install, may read the sources",
            all[index].program
        )),
        _ => Ok(Commands {
            all,
            installs,
            rest,
        }),
    }
}

/// Refuses what has the commands read differently, or files from elsewhere.
fn check_form(run: &Run, state: &State) -> Result<(), String> {
    let is_posix = |shell: &String| {
        shell.contains("sh\"") && !shell.contains("powershell") && !shell.contains("pwsh")
    };
    if !state.shell.as_ref().is_none_or(is_posix) {
        return Err("its shell is not a POSIX one".to_owned());
    }
    let is_input = |kind: &str| !matches!(kind, "cache" | "secret" | "ssh" | "tmpfs");
    if run.mounts.iter().any(|mount| is_input(&mount.kind)) {
        return Err("the install reads files from a mount".to_owned());
    }
    let script = run.command.split_once('\n');
    let line = script.map_or(run.command.as_str(), |(line, _)| line);
    let bodies = script.map_or("", |(_, bodies)| bodies);
    if redirects(&line.replace("<<", "")) || redirects(bodies) {
        return Err("its script reads or writes files by redirections".to_owned());
    }
    Ok(())
}
