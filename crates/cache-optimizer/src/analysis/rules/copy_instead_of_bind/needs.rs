//! Who needs the files that were copied for an install.

use common::dockerfile::{Detail, Instruction, Run};

use super::Subject;
use crate::analysis::package_caches::is_within;
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;

/// Whether all that a `RUN` does is to install from files, among them all of `files`, that it does not
/// write to.
pub(super) fn only_reads<'a>(run: &Run, mut files: impl Iterator<Item = &'a str>) -> bool {
    let commands = run_commands(run);
    let known = |command: &Command| command.program == "set" || reads(command).is_some();
    let is_read = |file: &str| {
        let mut read = commands.iter().filter_map(reads);
        read.any(|read| read.iter().any(|name| name == file))
    };
    !run.is_exec_form && !commands.is_empty() && commands.iter().all(known) && files.all(is_read)
}

/// The files that an install only reads. `None` when it is none, or may write to them.
fn reads(command: &Command) -> Option<Vec<String>> {
    let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
    let has = |flags: &[&str]| arguments.iter().any(|argument| flags.contains(argument));
    let names = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
    match (command.program.as_str(), arguments.as_slice()) {
        // Source: <https://docs.npmjs.com/cli/commands/npm-ci>: it never writes to either.
        ("npm", ["ci", ..]) => names(&["package.json", "package-lock.json", ".npmrc"]),
        // Source: <https://classic.yarnpkg.com/lang/en/docs/cli/install/>
        ("yarn", arguments)
            if has(&["--frozen-lockfile"])
                && arguments
                    .iter()
                    .all(|a| a.starts_with('-') || *a == "install") =>
        {
            names(&["package.json", "yarn.lock", ".npmrc", ".yarnrc"])
        }
        // Source: <https://pnpm.io/cli/install#--frozen-lockfile>
        ("pnpm", ["install" | "i", ..]) if has(&["--frozen-lockfile"]) => {
            names(&["package.json", "pnpm-lock.yaml", ".npmrc"])
        }
        // Source: <https://docs.docker.com/guides/golang/containerize/>
        ("go", ["mod", "download"] | ["mod", "download", "-x"]) => names(&["go.mod", "go.sum"]),
        ("pip" | "pip3", ["install", ..]) => pip(&arguments),
        ("uv", ["sync", ..])
            if has(&["--locked", "--frozen"]) && has(&["--no-install-project"]) =>
        {
            names(&["pyproject.toml", "uv.lock", ".python-version"])
        }
        _ => None,
    }
}

/// The files of `-r` and `-c`, when nothing of the project is installed.
fn pip(arguments: &[&str]) -> Option<Vec<String>> {
    let mut files = Vec::new();
    let mut arguments = arguments.iter().skip(1);
    while let Some(&argument) = arguments.next() {
        match argument {
            "-r" | "-c" | "--requirement" | "--constraint" => {
                files.push(arguments.next()?.trim_start_matches("./").to_owned());
            }
            "--no-cache-dir" | "--upgrade" | "-U" | "--user" | "-q" | "--quiet" | "--no-deps" => {}
            _ if argument.starts_with('-') && argument.contains('=') => {}
            _ => return None,
        }
    }
    Some(files)
}

/// Whether the working directory is made by `WORKDIR`, and not only by the `COPY` that is to go.
pub(super) fn is_made_by_workdir(before: &[Instruction], workdir: &str) -> bool {
    workdir != "/"
        && before
            .iter()
            .any(|instruction| instruction.keyword == "WORKDIR")
}

/// Whether the first step after a `RUN` copies all of the context, and with it the same files, to the
/// same place.
pub(super) fn is_copied_again(
    subject: &Subject<'_>,
    stage: usize,
    run: usize,
    workdir: &str,
) -> bool {
    let instructions = subject.recipe.dockerfile.stages[stage].instructions.iter();
    let mut later = instructions.zip(&subject.states[stage]).skip(run + 1);
    let next = later.find(|(one, _)| !matches!(one.detail, Detail::Env(_) | Detail::Arg(_)));
    next.is_some_and(|(instruction, state)| match &instruction.detail {
        Detail::Copy(copy) => {
            let is_all =
                matches!(copy.sources.as_slice(), [source] if source == "." || source == "./");
            let destination = state.absolute(&copy.destination, subject.recipe.dockerfile.escape);
            copy.flags.is_empty() && is_all && destination.as_deref() == Some(workdir)
        }
        _ => false,
    })
}

/// Whether no step after a `RUN` of this stage or of one on top of it runs anything, and no other
/// stage takes the folder. A stage that is built for itself is no such one.
pub(super) fn stays_in_stage(
    subject: &Subject<'_>,
    stage: usize,
    run: usize,
    workdir: &str,
) -> bool {
    let stages = &subject.recipe.dockerfile.stages;
    let is_target = subject.targets.iter().any(|target| {
        let label = stages[stage].name.as_deref();
        label.is_some_and(|label| label.eq_ignore_ascii_case(&target.name))
    });
    let is_quiet = |instruction: &Instruction| {
        matches!(instruction.detail, Detail::Env(_) | Detail::Arg(_))
            || matches!(instruction.keyword.as_str(), "LABEL" | "WORKDIR" | "USER")
    };
    let of_stage = stages[stage].instructions.iter().skip(run + 1);
    if stage + 1 == stages.len() || is_target || !of_stage.into_iter().all(is_quiet) {
        return false;
    }
    let mut is_taken = false;
    for (later, other) in stages.iter().enumerate().skip(stage + 1) {
        let from = |name: &str| subject.recipe.dockerfile.stage_index(name, later) == Some(stage);
        if from(&other.base) {
            return false;
        }
        for instruction in &other.instructions {
            match &instruction.detail {
                Detail::Copy(copy) if copy.from.as_deref().is_some_and(from) => {
                    let takes = |source: &String| {
                        let source = format!("/{}", source.trim_matches('/'));
                        let is_unclear = source.contains(['*', '?', '[', '$']);
                        is_unclear || is_within(workdir, &source) || source == "/"
                    };
                    if copy.sources.iter().any(takes) {
                        return false;
                    }
                    is_taken = true;
                }
                Detail::Run(run) => {
                    let mut mounts = run.mounts.iter();
                    if mounts.any(|mount| mount.from.as_deref().is_some_and(from)) {
                        return false;
                    }
                }
                _ => {}
            }
        }
    }
    is_taken
}
