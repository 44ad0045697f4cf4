//! Moves an install of system packages above what is copied before it, where nothing of either can
//! meet the other: neither the files, nor the user, the folder and the variables of the step.
//!
//! Source: research/cache.md section 5, rule 4.

use common::dockerfile::{Copy, Detail, Instruction, Run, Stage};

use super::super::{Remedy, Subject};
use super::copy;
use crate::analysis::effects::is_metadata;
use crate::analysis::raw_lines::{first_line, moved, raw_lines};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_state::State;
use crate::analysis::system_packages::is_manager;

/// Folders into which packages of a distribution put files.
/// Source: <https://refspecs.linuxfoundation.org/FHS_3.0/fhs/index.html>
const SYSTEM_FOLDERS: [&str; 12] = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/run", "/sbin", "/usr",
    "/var",
];

/// Folders below those that are the project's own by custom.
const PROJECT_FOLDERS: [&str; 3] = ["/usr/src/", "/usr/app/", "/usr/local/app/"];

/// Moves the `RUN` at `run` above the first of the copies before it, at `first`.
pub(super) fn remedy(
    subject: &Subject<'_>,
    stage: &Stage,
    states: &[State],
    first: usize,
    run: usize,
) -> Remedy {
    let recipe = subject.recipe;
    let between = &stage.instructions[first..run];
    let is_whole = |at: &Instruction| raw_lines(recipe, at).is_some();
    if !between.iter().all(is_whole) || !is_whole(&stage.instructions[run]) {
        return Remedy::Withheld("the Dockerfile is written inside another file".to_owned());
    }
    let escape = recipe.dockerfile.escape;
    let run_at = &stage.instructions[run];
    if let Some(why) = obstacle(run_at, between, &states[first..run], escape) {
        return Remedy::Withheld(why);
    }
    let before = first_line(recipe, stage, first);
    Remedy::Patch(moved(recipe, stage, run, before))
}

/// Why a `RUN` cannot move above the instructions before it. `None` when it can.
fn obstacle(
    run_at: &Instruction,
    between: &[Instruction],
    states: &[State],
    escape: char,
) -> Option<String> {
    let Detail::Run(run) = &run_at.detail else {
        return None;
    };
    let commands = run_commands(run);
    if let Some(why) = unclear(run, &commands) {
        return Some(why);
    }
    for (at, state) in between.iter().zip(states) {
        let line = at.line;
        match copy(at) {
            None if is_metadata(at) => {}
            None => return Some(format!("line {line}, `{}`, stands between", at.keyword)),
            Some(copy) => {
                let destination = state.absolute(&copy.destination, escape);
                let Some(destination) = destination else {
                    return Some(format!("where line {line} copies to is not known"));
                };
                if let Some(why) = meets(copy, &destination, &commands) {
                    return Some(format!("line {line} {why}"));
                }
            }
        }
    }
    None
}

/// Why it is not known what a `RUN` writes or reads. `None` when it is.
fn unclear(run: &Run, commands: &[Command]) -> Option<String> {
    // The shell's own messages may go where they like.
    let quiet = run
        .command
        .replace("> /dev/null", "")
        .replace(">/dev/null", "")
        .replace("2>&1", "");
    if quiet.contains(['>', '<']) {
        return Some("what the step redirects may be a file of the project".to_owned());
    }
    let known = |command: &&Command| {
        let program = command.program.as_str();
        let known = [
            "addgroup",
            "echo",
            "groupadd",
            "locale-gen",
            "rm",
            "rustup",
            "set",
        ];
        !is_manager(program) && !known.contains(&program)
    };
    let other = commands.iter().find(known)?;
    Some(format!(
        "`{}` may write or read files among those that are copied",
        other.program
    ))
}

/// How a copy meets what commands read and write. `None` when it does not.
fn meets(copy: &Copy, destination: &str, commands: &[Command]) -> Option<String> {
    let is_below = |folder: &&str| {
        destination
            .strip_prefix(*folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let path = format!("{destination}/");
    let is_of_project = PROJECT_FOLDERS
        .iter()
        .any(|folder| path.starts_with(folder));
    if destination == "/" || SYSTEM_FOLDERS.iter().any(&is_below) && !is_of_project {
        return Some(format!(
            "copies to `{destination}`, where packages may put files too"
        ));
    }
    let has = |programs: &[&str]| {
        commands
            .iter()
            .any(|command| programs.contains(&command.program.as_str()))
    };
    if has(&["rm"]) && is_below(&"/tmp") {
        return Some("copies to `/tmp`, which the step tidies".to_owned());
    }
    // rustup takes the toolchain that a file in the working directory names.
    // Source: https://rust-lang.github.io/rustup/overrides.html
    let may_name_toolchain = |source: &String| {
        let name = source.rsplit('/').next().unwrap_or(source);
        !name.contains('.')
            || name.contains(['*', '?', '[', '$'])
            || name.starts_with('.')
            || name.starts_with("rust-toolchain")
    };
    if has(&["rustup"]) && copy.sources.iter().any(may_name_toolchain) {
        return Some("may copy a `rust-toolchain.toml`, which `rustup` reads".to_owned());
    }
    None
}
