//! Finds builds that download and compile the dependencies together with the sources, because no step
//! before the sources does so.
//!
//! Left alone: a build with a cache mount, one that downloads nothing, and one whose stage has had a
//! step for its dependencies, be it before the sources, after them (`copy-before-install` tells of
//! that), or in a stage that is copied from.

mod builds;
mod chef;
mod layer;
mod places;
mod references;
mod restore;

use common::dockerfile::{Detail, Instruction, Run};
use std::collections::BTreeSet;

use super::copy_before_install::takes_sources;
use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_state::State;
use builds::{Tool, build_tool, dependency_tool};

/// What a stage has done so far.
#[derive(Clone, Default)]
struct Progress {
    /// The stage and the index of the first instruction that copied sources.
    copied: Option<(usize, usize)>,
    /// The tools whose dependencies are there, as far as a step cared for them.
    done: BTreeSet<Tool>,
}

/// A build with its place.
#[derive(Clone, Copy)]
struct Build<'a> {
    tool: Tool,
    command: &'a Command,
    run: &'a Run,
    /// The stage that builds.
    stage: usize,
    /// The index of the instruction that builds.
    run_index: usize,
    /// The stage and index of the instruction that copied sources first.
    copied: (usize, usize),
}

impl Build<'_> {
    fn run_at<'s>(&self, subject: &Subject<'s>) -> &'s Instruction {
        &subject.recipe.dockerfile.stages[self.stage].instructions[self.run_index]
    }

    fn copied_at<'s>(&self, subject: &Subject<'s>) -> &'s Instruction {
        let (stage, index) = self.copied;
        &subject.recipe.dockerfile.stages[stage].instructions[index]
    }
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut found = Vec::new();
    let mut ends: Vec<Progress> = Vec::with_capacity(dockerfile.stages.len());
    for (stage_index, stage) in dockerfile.stages.iter().enumerate() {
        let base = dockerfile.stage_index(&stage.base, stage_index);
        let mut progress = base.map_or_else(Progress::default, |base| ends[base].clone());
        for (index, instruction) in stage.instructions.iter().enumerate() {
            match &instruction.detail {
                Detail::Copy(copy) | Detail::Add(copy) => {
                    let from = copy.from.as_deref();
                    let from = from.and_then(|from| dockerfile.stage_index(from, stage_index));
                    if let Some(from) = from {
                        // The built dependencies may come with what is copied.
                        progress.done.extend(ends[from].done.iter().copied());
                    } else if takes_sources(copy, subject) {
                        progress.copied.get_or_insert((stage_index, index));
                    }
                }
                Detail::Run(run) => {
                    let at = (stage_index, index);
                    found.extend(check_run(subject, &mut progress, at, run));
                }
                _ => {}
            }
        }
        ends.push(progress);
    }
    found
}

fn check_run(
    subject: &Subject<'_>,
    progress: &mut Progress,
    (stage, run_index): (usize, usize),
    run: &Run,
) -> Option<Found> {
    let state = &subject.states[stage][run_index];
    let has_mounts = run.mounts.iter().any(|mount| {
        // What is mounted may be what was downloaded before.
        mount.kind == "cache" || mount.kind == "bind" && mount.from.is_some()
    });
    let mut found = None;
    let commands = run_commands(run);
    for command in &commands {
        if let Some(tool) = dependency_tool(command) {
            progress.done.insert(tool);
        }
        let Some(tool) = build_tool(command) else {
            continue;
        };
        let is_first = progress.done.insert(tool);
        let Some(copied) = progress.copied.filter(|_| is_first && !has_mounts) else {
            continue;
        };
        let build = Build {
            tool,
            command,
            run,
            stage,
            run_index,
            copied,
        };
        if found.is_none() && builds::loads_dependencies(subject, &build, state) {
            found = Some(finding(subject, &build));
        }
    }
    found
}

fn finding(subject: &Subject<'_>, build: &Build<'_>) -> Found {
    let copied = build.copied_at(subject);
    let remedy = remedy(subject, build);
    let found = Found::new(
        build.run_at(subject).line,
        format!(
            "`{}` {} after `{}` in line {}, so each change of the sources does that again",
            shown(build.command),
            build.tool.does(),
            copied.text,
            copied.line
        ),
        advice(subject, build, &remedy),
    );
    Found {
        confidence: Confidence::Likely,
        remedy,
        ..found
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

fn advice(subject: &Subject<'_>, build: &Build<'_>, remedy: &Remedy) -> String {
    match build.tool {
        Tool::Cargo if matches!(remedy, Remedy::Patch(_)) => {
            "compile them in a step of their own with cargo-chef, which is there already".to_owned()
        }
        Tool::Cargo => chef::advice(subject, build),
        Tool::Dotnet => {
            "copy the solution, all `*.csproj` in their folders and what counts for them \
                         first, then `dotnet restore`, then copy the sources"
                .to_owned()
        }
        Tool::Go => {
            "copy `go.mod` and `go.sum` first, then `go mod download`, then copy the sources; \
                     a cache mount at `/root/.cache/go-build` keeps what is compiled too"
                .to_owned()
        }
        Tool::Gradle => "give the step a cache mount for Gradle's user home, such as \
                         `--mount=type=cache,target=/root/.gradle`"
            .to_owned(),
        Tool::Maven => "give the step a cache mount for Maven's repository, such as \
                        `--mount=type=cache,target=/root/.m2/repository`"
            .to_owned(),
    }
}

fn remedy(subject: &Subject<'_>, build: &Build<'_>) -> Remedy {
    let edits = match build.tool {
        Tool::Cargo => chef::edits(subject, build),
        Tool::Dotnet | Tool::Go => layer::edits(subject, build),
        Tool::Gradle => Err(
            "no task of Gradle loads all that a build needs, so a step of its own would not be enough"
                .to_owned(),
        ),
        Tool::Maven => Err(
            "`mvn dependency:go-offline` leaves out what plugins load when they run, so a step of its \
             own would not be enough"
                .to_owned(),
        ),
    };
    edits.map_or_else(Remedy::Withheld, Remedy::Patch)
}

#[cfg(test)]
mod tests;
