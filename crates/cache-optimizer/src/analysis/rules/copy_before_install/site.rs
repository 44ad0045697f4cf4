//! The place of a fault: the instructions before an install, what each copies, and which of them can
//! wait until it is done.

use common::dockerfile::{Copy, Detail, Dockerfile, Instruction};
use std::collections::BTreeSet;

use super::commands::Commands;
use super::placement::{Placement, UNKNOWN_DIR, image_path, overlaps, placement};
use super::preparation::{needs_no_project, redirects};
use super::view::{image_of, is_within};
use crate::analysis::rules::Subject;
use crate::analysis::run_commands::run_commands;
use crate::analysis::stage_state::State;

/// An instruction that copies, before an install.
#[derive(Debug)]
pub(super) struct Copying<'a> {
    pub(super) instruction: &'a Instruction,
    pub(super) copy: &'a Copy,
    pub(super) state: &'a State,
    /// What of the context goes where. `None` when it copies something else, or that is not known.
    pub(super) placement: Option<Placement>,
    /// Whether it is not above the first instruction that copies sources.
    pub(super) is_after_first: bool,
}

/// The instructions that copy before the instruction at `run` of a stage, those of its bases first.
pub(super) fn copyings<'a>(
    subject: &Subject<'a>,
    stage: usize,
    first: usize,
    run: usize,
) -> Vec<Copying<'a>> {
    let dockerfile = &subject.recipe.dockerfile;
    let files = &subject.recipe.context.files;
    let mut copyings: Vec<Copying<'a>> = Vec::new();
    for of_chain in chain(dockerfile, stage) {
        let instructions = dockerfile.stages[of_chain].instructions.iter();
        let states = subject.states[of_chain].iter();
        for (index, (instruction, state)) in instructions.zip(states).enumerate() {
            let is_own = of_chain == stage;
            if is_own && index >= run {
                break;
            }
            match &instruction.detail {
                Detail::Copy(copy) | Detail::Add(copy) => {
                    let is_unpacked = instruction.keyword == "ADD"
                        && copy.sources.iter().any(|source| is_archive(source));
                    let has_here_document = instruction.text.contains("<<");
                    let is_of_context = copy.from.is_none() && !is_unpacked && !has_here_document;
                    copyings.push(Copying {
                        instruction,
                        copy,
                        state,
                        placement: is_of_context
                            .then(|| placement(copy, state, dockerfile.escape, files))
                            .flatten(),
                        is_after_first: is_own && index >= first,
                    });
                }
                // What was put below a working directory that is not known is not below the next.
                _ if instruction.keyword == "WORKDIR" && state.workdir.is_none() => {
                    let is_unknown = |p: &mut Placement| p.destination.starts_with(UNKNOWN_DIR);
                    for copying in &mut copyings {
                        copying.placement.take_if(is_unknown);
                    }
                }
                _ => {}
            }
        }
    }
    copyings
}

/// A stage and those that it starts from, the outermost base first.
fn chain(dockerfile: &Dockerfile, stage: usize) -> Vec<usize> {
    let mut chain = vec![stage];
    let mut next = stage;
    while let Some(base) = dockerfile.stage_index(&dockerfile.stages[next].base, next) {
        chain.push(base);
        next = base;
    }
    chain.reverse();
    chain
}

/// What `ADD` unpacks. Source: <https://docs.docker.com/reference/dockerfile/#adding-local-tar-archives>
fn is_archive(source: &str) -> bool {
    let ends = [".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", "*"];
    ends.iter().any(|end| source.ends_with(end))
}

/// The copyings, by index, that can wait for an install which reads `read` of the context, and runs
/// in `dir` of the image, which is `context_dir` of the context.
///
/// # Errors
///
/// Why the order of two instructions cannot change.
pub(super) fn movable(
    copyings: &[Copying<'_>],
    read: &BTreeSet<String>,
    (context_dir, dir): (&str, &str),
    takes_sources: impl Fn(&Copy) -> bool,
    escape: char,
) -> Result<Vec<usize>, String> {
    let mut moved = Vec::new();
    let mut others = Vec::new();
    let after_first = copyings
        .iter()
        .enumerate()
        .filter(|(_, c)| c.is_after_first);
    for (index, copying) in after_first {
        let Some(placement) = &copying.placement else {
            others.push(index);
            continue;
        };
        let is_in_place = placement
            .files
            .iter()
            .all(|(path, image)| image_of(path, context_dir, dir).as_ref() == Some(image));
        let is_read = |path: &String| read.iter().any(|outer| is_within(path, outer));
        if is_in_place && placement.files.iter().any(|(path, _)| !is_read(path)) {
            moved.push(index);
        } else if !is_in_place && takes_sources(copying.copy) {
            if configures_system(&placement.destination) {
                return Err(unordered(copying, "may configure what installs"));
            }
            moved.push(index);
        } else {
            others.push(index);
        }
    }
    for &other in &others {
        let other = &copyings[other];
        for &index in &moved {
            check_swap(&copyings[index], other, escape)?;
        }
    }
    Ok(moved)
}

/// Whether files there may be the settings of a package manager or of the system.
fn configures_system(destination: &str) -> bool {
    let folders = ["/etc", "/home", "/root", "/usr"];
    destination == "/" || folders.iter().any(|folder| destination.starts_with(folder))
}

fn unordered(copying: &Copying<'_>, why: &str) -> String {
    format!("line {}, which {why}", copying.instruction.line)
}

/// Whether an instruction that can wait may come after one that stays.
/// Source: research/cache.md section 5, rule 3.
fn check_swap(moved: &Copying<'_>, other: &Copying<'_>, escape: char) -> Result<(), String> {
    let Some(of_moved) = &moved.placement else {
        return Ok(());
    };
    let overlapping = || {
        let line = other.instruction.line;
        format!(
            "line {line} copies into the same folder as line {}",
            moved.instruction.line
        )
    };
    if let Some(of_other) = &other.placement {
        let is_same = moved.copy.flags == other.copy.flags
            && of_other.files.iter().all(|pair| {
                let differs =
                    |(path, image): &&(String, String)| *image == pair.1 && *path != pair.0;
                !of_moved.files.iter().any(|mine| differs(&mine))
            });
        return if is_same || !overlaps(&of_moved.destination, &of_other.destination) {
            Ok(())
        } else {
            Err(overlapping())
        };
    }
    let destination = image_path(other.state, &other.copy.destination, escape);
    match destination {
        Some(destination) if !overlaps(&of_moved.destination, &destination) => Ok(()),
        _ => Err(overlapping()),
    }
}

/// Checks the other instructions between the first copy and the install.
///
/// # Errors
///
/// Which of them may need the sources.
pub(super) fn check_between(
    between: &[Instruction],
    moves_yarn_settings: bool,
) -> Result<(), String> {
    for instruction in between {
        let line = instruction.line;
        match &instruction.detail {
            Detail::Run(run) => {
                let is_input = |kind: &str| !matches!(kind, "cache" | "secret" | "ssh" | "tmpfs");
                let commands = run_commands(run);
                let writes_settings = moves_yarn_settings
                    && commands
                        .iter()
                        .any(|c| c.program == "yarn" && !c.arguments.is_empty());
                let may_read = run.mounts.iter().any(|mount| is_input(&mount.kind))
                    || redirects(&run.command)
                    || commands.is_empty()
                    || !commands.iter().all(needs_no_project);
                if may_read || writes_settings {
                    return Err(format!(
                        "line {line}, which runs before the install, may need the sources"
                    ));
                }
            }
            Detail::Other if instruction.keyword == "VOLUME" => {
                return Err(format!(
                    "line {line} makes a volume between the sources and the install"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The folder of the image that installs need to be there, if nothing is copied into it before them.
pub(super) fn missing_dir<'a>(
    commands: &'a Commands,
    state: &State,
    escape: char,
    images: &BTreeSet<String>,
) -> Option<&'a str> {
    let workdir = image_path(state, ".", escape);
    let mut dirs = commands
        .installs
        .iter()
        .map(|installing| installing.dir.as_str());
    dirs.find(|dir| {
        workdir.as_deref() != Some(dir) && !images.iter().any(|image| is_within(image, dir))
    })
}
