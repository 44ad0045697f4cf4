//! Finds sources that are copied before dependencies are installed, though the install needs only
//! the project's manifests, and mends it: manifests first, then the install, then the sources.
//!
//! Left alone: what installs from the sources themselves, a second install on top of one that stands
//! before the sources, and `COPY --from`, which counts by content.

mod commands;
mod overwritten;
mod patch;
mod placement;
mod plan;
mod preparation;
mod proof;
mod site;
mod view;

use common::dockerfile::{Copy, Detail, Instruction, Run};
use std::collections::BTreeSet;

use self::plan::{Outcome, Site, outcome};
use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::install::{Install, install};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_chain::walk;

/// Folders that belong to a manifest, not to the sources: an install reads them.
/// Source: research/cache.md section 5, rule 6.
const MANIFEST_FOLDERS: [&str; 16] = [
    ".bundle",
    ".cargo",
    ".config",
    ".gradle",
    ".mvn",
    ".npm",
    ".nuget",
    ".yarn",
    "buildSrc",
    "gemfiles",
    "gradle",
    "patches",
    "prisma",
    "requirements",
    "vendor",
    "wheels",
];

/// What a stage has done so far.
#[derive(Clone, Default)]
struct Progress<'a> {
    /// The first instruction that copied sources.
    copied: Option<&'a Instruction>,
    /// The tools that had installed before that.
    installed: BTreeSet<&'static str>,
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    walk(
        &subject.recipe.dockerfile,
        |progress: &mut Progress<'_>, instruction| match &instruction.detail {
            Detail::Copy(copy) | Detail::Add(copy) if takes_sources(copy, subject) => {
                progress.copied.get_or_insert(instruction);
            }
            Detail::Run(run) => {
                if let Some(next) = check_run(subject, progress, instruction, run) {
                    let next = after_others(next, &found);
                    found.push(next);
                }
            }
            _ => {}
        },
    );
    found
}

/// A finding whose patch would touch the lines of an earlier one waits for another run.
fn after_others(next: Found, found: &[Found]) -> Found {
    let is_patched = |other: &Found| matches!(other.remedy, Remedy::Patch(_));
    let mut others = found.iter();
    let earlier = others.find(|other| other.line == next.line && is_patched(other));
    match (&next.remedy, earlier) {
        (Remedy::Patch(_) | Remedy::Withheld(_), Some(_)) => Found {
            confidence: Confidence::Likely,
            remedy: Remedy::Withheld(
                "the patch for an install above it changes the same line: run again after it"
                    .to_owned(),
            ),
            ..next
        },
        _ => next,
    }
}

/// Whether an instruction takes a folder of sources, or the whole context.
pub(super) fn takes_sources(copy: &Copy, subject: &Subject<'_>) -> bool {
    let is_sources = |source: &String| {
        let path = source.trim_start_matches("./").trim_matches('/');
        let is_whole = matches!(path, "" | "." | "*");
        let is_folder = source.ends_with('/')
            || source.ends_with("/*")
            || subject.recipe.context.folders.contains(source)
            || subject.recipe.context.files.folders.contains(path);
        let name = path
            .trim_end_matches("/*")
            .rsplit('/')
            .next()
            .unwrap_or(path);
        is_whole || is_folder && !MANIFEST_FOLDERS.contains(&name)
    };
    copy.from.is_none() && copy.sources.iter().any(is_sources)
}

fn check_run(
    subject: &Subject<'_>,
    progress: &mut Progress<'_>,
    run_at: &Instruction,
    run: &Run,
) -> Option<Found> {
    let commands = run_commands(run);
    let mut installs = commands
        .iter()
        .filter_map(|command| Some((command, install(command)?)));
    let Some(copied) = progress.copied else {
        progress
            .installed
            .extend(installs.map(|(_, install)| install.tool));
        return None;
    };
    let (command, install) = installs.find(|(_, i)| !progress.installed.contains(i.tool))?;
    let (remedy, confidence, saves_step) = remedy(subject, (copied, run_at), run)?;
    let saved_ms = subject.durations_ms.get(&run_at.line).copied();
    Some(Found {
        line: copied.line,
        message: format!(
            "`{}` comes before `{}` in line {}, so each change of the sources installs the \
             dependencies again",
            copied.text,
            shown(command),
            run_at.line
        ),
        advice: advice(&install),
        // The time of a step that also builds or installs the project is not what is saved.
        saved_ms: saved_ms.filter(|_| saves_step && commands.iter().all(is_install_or_preparation)),
        saved_bytes: None,
        confidence,
        remedy,
    })
}

/// The patch, or why there is none, and whether mending saves all of the step. `None` when the install reads all that is copied before it.
fn remedy(
    subject: &Subject<'_>,
    (copied, run_at): (&Instruction, &Instruction),
    run: &Run,
) -> Option<(Remedy, Confidence, bool)> {
    let stages = &subject.recipe.dockerfile.stages;
    let is_at = |instruction: &Instruction, line| instruction.line == line;
    let position = |line| {
        stages.iter().enumerate().find_map(|(stage, of_stage)| {
            let mut instructions = of_stage.instructions.iter();
            let index = instructions.position(|instruction| is_at(instruction, line))?;
            Some((stage, index))
        })
    };
    let (stage, run_index) = position(run_at.line)?;
    let (copied_stage, first) = position(copied.line)?;
    if stage != copied_stage {
        let why = "the sources are copied in a stage that this one starts from";
        return Some((Remedy::Withheld(why.to_owned()), Confidence::Likely, true));
    }
    let site = Site {
        stage,
        first,
        run: run_index,
    };
    match outcome(subject, site, run, |copy| takes_sources(copy, subject)) {
        Outcome::Mended {
            edits,
            confidence,
            is_narrowed,
        } => Some((Remedy::Patch(edits), confidence, !is_narrowed)),
        Outcome::Withheld(why, confidence) => Some((Remedy::Withheld(why), confidence, true)),
        Outcome::Fine => None,
    }
}

/// The program and the first of its arguments: enough to find the command.
fn shown(command: &Command) -> String {
    let arguments = command.arguments.iter().take(3).map(String::as_str);
    let words: Vec<&str> = std::iter::once(command.program.as_str())
        .chain(arguments)
        .collect();
    words.join(" ")
}

fn is_install_or_preparation(command: &Command) -> bool {
    matches!(command.program.as_str(), "cd" | "set" | "export") || install(command).is_some()
}

fn advice(install: &Install) -> String {
    let manifests: Vec<_> = install
        .manifests
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let only_with = match install.only_with {
        Some(only_with) => format!(" (`{only_with}`)"),
        None => String::new(),
    };
    format!(
        "copy {} first, then install{only_with}, then copy the sources",
        manifests.join(" and ")
    )
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_languages;
#[cfg(test)]
mod tests_of_patches;
#[cfg(test)]
mod tests_of_projects;
