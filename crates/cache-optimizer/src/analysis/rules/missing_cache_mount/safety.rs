//! Whether a cache may leave the image for a mount: nothing later may need what is in it.

use common::dockerfile::{Detail, Instruction};

use super::Subject;
use crate::analysis::install::install;
use crate::analysis::package_caches::{
    Folder, Reads, Step, hides_results, is_program_of, is_within, package_cache,
};
use crate::analysis::shell::Command;

/// Programs that build nothing: after a download they need no more of it.
/// Source: POSIX.1-2024, and the manuals of the others
const BUILDS_NOTHING: [&str; 32] = [
    ":", "[", "addgroup", "adduser", "apk", "apt", "apt-get", "cat", "cd", "chmod", "chown", "cp",
    "curl", "echo", "export", "find", "grep", "groupadd", "ldd", "ln", "ls", "mkdir", "mv", "rm",
    "sed", "set", "strip", "tar", "test", "touch", "true", "useradd",
];

/// Whether `tool` may have its cache at `folders` in a mount in a step.
///
/// # Errors
///
/// Why not.
pub(super) fn check(
    subject: &Subject<'_>,
    steps: &[Step<'_>],
    index: usize,
    tool: &str,
    folders: &[Folder],
) -> Result<(), String> {
    let step = &steps[index];
    check_frontend(subject)?;
    check_owner(step, folders)?;
    check_offline(steps, step, tool)?;
    if tool == "apt" {
        check_lists(steps, step)?;
    }
    check_builds_after_downloads(&steps[index..], tool)?;
    check_results(steps, step, folders)?;
    check_named(subject, step, folders)?;
    check_taken(subject, step, folders)
}

/// Source: <https://docs.docker.com/reference/dockerfile/#run---mount>, from version 1.2 on.
fn check_frontend(subject: &Subject<'_>) -> Result<(), String> {
    let syntax = subject
        .recipe
        .dockerfile
        .syntax
        .as_deref()
        .unwrap_or_default();
    let version = syntax.rsplit_once(':').map_or("", |(_, version)| version);
    let is_old = ["1.0", "1.1"].iter().any(|old| {
        let rest = version.strip_prefix(old);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    if is_old && !version.contains("experimental") {
        return Err(format!("the frontend `{syntax}` knows no mounts"));
    }
    Ok(())
}

/// Folders on the way to a mount are made by the builder for root.
/// Source: <https://github.com/moby/buildkit/issues/1237>
fn check_owner(step: &Step<'_>, folders: &[Folder]) -> Result<(), String> {
    if step.around.owner()?.is_none() {
        return Ok(());
    }
    let home = step.around.home().unwrap_or_default();
    for folder in folders {
        let parent = folder
            .path
            .rsplit_once('/')
            .map_or("", |(parent, _)| parent);
        if is_within(parent, &home) && parent != home {
            return Err(format!(
                "`{parent}` would belong to root when the mount makes it"
            ));
        }
    }
    Ok(())
}

/// What works offline fails when the mount is empty, as on a new builder.
fn check_offline(steps: &[Step<'_>], step: &Step<'_>, tool: &str) -> Result<(), String> {
    let has_no_network = |other: &Step<'_>| {
        let mut flags = other.run.flags.iter();
        flags.any(|flag| flag.name == "network" && flag.value.as_deref() == Some("none"))
    };
    let mut users = family(steps, step);
    let offline = users.find(|other| {
        let mut caches = other.caches.iter().filter(|cache| cache.tool == tool);
        caches.any(|cache| cache.reads == Reads::Needs || has_no_network(other))
    });
    match offline {
        Some(offline) => Err(format!(
            "line {} fails without downloads of steps before it, and a mount may be empty",
            offline.instruction.line
        )),
        None => Ok(()),
    }
}

/// An install that fetches no lists takes those that an earlier step left in the image.
fn check_lists(steps: &[Step<'_>], step: &Step<'_>) -> Result<(), String> {
    let fetches = |other: &Step<'_>| {
        let mut commands = other.commands.iter();
        commands
            .any(|c| is_program_of("apt", &c.program) && c.arguments.iter().any(|a| a == "update"))
    };
    let mut users =
        family(steps, step).filter(|other| other.caches.iter().any(|c| c.tool == "apt"));
    match users.find(|other| !fetches(other)) {
        Some(other) => Err(format!(
            "line {} installs from package lists that an earlier step fetches",
            other.instruction.line
        )),
        None => Ok(()),
    }
}

/// Steps that go on from where others ended, or may.
fn family<'s, 'a>(
    steps: &'s [Step<'a>],
    step: &Step<'_>,
) -> impl Iterator<Item = &'s Step<'a>> + use<'s, 'a> {
    let root = step.root;
    steps.iter().filter(move |other| other.root == root)
}

/// What is only downloaded here may be meant for a program that is not known here, such as `make`.
fn check_builds_after_downloads(steps: &[Step<'_>], tool: &str) -> Result<(), String> {
    let Some((step, later)) = steps.split_first() else {
        return Ok(());
    };
    let only_downloads = |command: &Command| {
        let cache = package_cache(command, &step.around);
        let is_tool =
            cache.is_some_and(|cache| cache.tool == tool && cache.reads != Reads::Nothing);
        is_tool && install(command).is_some()
    };
    if !step.commands.iter().any(only_downloads) {
        return Ok(());
    }
    for other in later.iter().filter(|other| other.root == step.root) {
        let mut commands = other.commands.iter();
        let unknown = commands.find(|command| {
            let program = command.program.as_str();
            !BUILDS_NOTHING.contains(&program) && !is_program_of(tool, program)
        });
        if let Some(unknown) = unknown {
            return Err(format!(
                "`{}` in line {} may need what is downloaded here",
                unknown.program, other.instruction.line
            ));
        }
    }
    Ok(())
}

fn check_results(steps: &[Step<'_>], step: &Step<'_>, folders: &[Folder]) -> Result<(), String> {
    for other in family(steps, step) {
        let mut commands = other.commands.iter();
        if let Some(command) =
            commands.find(|command| hides_results(command, folders, &other.around))
        {
            return Err(format!(
                "`{}` in line {} works on the cache's own files",
                command.program, other.instruction.line
            ));
        }
    }
    Ok(())
}

/// Whether another kind of instruction names a folder, as one that copies something there.
fn check_named(subject: &Subject<'_>, step: &Step<'_>, folders: &[Folder]) -> Result<(), String> {
    let escape = step.around.escape;
    let stages = subject.recipe.dockerfile.stages.iter().zip(subject.states);
    for (stage, states) in stages.skip(step.root) {
        for (instruction, state) in stage.instructions.iter().zip(states) {
            let destination = match &instruction.detail {
                Detail::Run(_) | Detail::Env(_) | Detail::Arg(_) => continue,
                Detail::Copy(copy) | Detail::Add(copy) => state.absolute(&copy.destination, escape),
                _ => None,
            };
            let is_named = folders.iter().any(|folder| {
                instruction.text.contains(&folder.path)
                    || destination
                        .as_ref()
                        .is_some_and(|path| is_within(path, &folder.path))
            });
            if is_named {
                return Err(format!(
                    "line {} names the cache's folder",
                    instruction.line
                ));
            }
        }
    }
    Ok(())
}

/// Whether another stage takes the cache, or all of the files.
fn check_taken(subject: &Subject<'_>, step: &Step<'_>, folders: &[Folder]) -> Result<(), String> {
    let dockerfile = &subject.recipe.dockerfile;
    let roots = roots(subject);
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        for instruction in &stage.instructions {
            let is_taken = taken(instruction).into_iter().any(|(from, source)| {
                let stage = dockerfile.stage_index(&from, index);
                let is_family = stage.is_some_and(|stage| roots[stage] == step.root);
                is_family && folders.iter().any(|folder| touches(&source, &folder.path))
            });
            if is_taken {
                return Err(format!(
                    "line {} takes the cache from the stage",
                    instruction.line
                ));
            }
        }
    }
    Ok(())
}

/// The stages that an instruction takes files from, with their paths there.
fn taken(instruction: &Instruction) -> Vec<(String, String)> {
    match &instruction.detail {
        Detail::Copy(copy) | Detail::Add(copy) => {
            let from = copy.from.iter();
            let each = from.flat_map(|from| {
                let sources = copy.sources.iter();
                sources.map(|source| (from.clone(), source.clone()))
            });
            each.collect()
        }
        Detail::Run(run) => {
            let mounts = run.mounts.iter().filter(|mount| mount.kind == "bind");
            let each = mounts.filter_map(|mount| {
                let source = mount.source.clone().unwrap_or_else(|| "/".to_owned());
                Some((mount.from.clone()?, source))
            });
            each.collect()
        }
        _ => Vec::new(),
    }
}

fn touches(source: &str, folder: &str) -> bool {
    let source = format!("/{}", source.trim_matches(['/', '.']));
    // What a variable stands for is not known.
    source.contains('$')
        || is_within(&source, folder)
        || is_within(folder, &source)
        || source == "/"
}

/// The first stage that each stage goes back to.
fn roots(subject: &Subject<'_>) -> Vec<usize> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut roots: Vec<usize> = Vec::new();
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let base = dockerfile.stage_index(&stage.base, index);
        roots.push(base.map_or(index, |base| roots[base]));
    }
    roots
}
