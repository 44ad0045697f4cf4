//! Finds a copy of the whole context in a stage whose later steps work in one folder of it alone.
//!
//! Only for a stage that is no image and no base of another one: there nothing but what is copied out
//! of it counts. A patch needs a proof that the folder's tools look at nothing outside of it.

mod proof;
#[cfg(test)]
mod tests;

use common::dockerfile::{Copy, Detail, Dockerfile};
use common::units::format_bytes;

use self::proof::narrowed;
use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::context_sources::{Taken, is_in, taken};
use crate::analysis::stage_uses::StageUses;
use crate::analysis::work_folders::{Work, family, works};
use crate::model::files::Files;

/// Where a whole copy goes, and what of it is used.
pub(super) struct Part<'a> {
    pub(super) taken: &'a Taken<'a>,
    pub(super) copy: &'a Copy,
    /// The folder in the image that the context is copied to.
    pub(super) destination: String,
    /// The folder of the context that the later steps work in.
    pub(super) folder: String,
    /// What they run.
    pub(super) works: Vec<Work>,
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let taken = taken(subject);
    let whole = taken
        .iter()
        .filter(|it| it.is_whole() && is_way_station(dockerfile, it.stage));
    whole
        .filter_map(|it| {
            let part = part(subject, it)?;
            let outside = outside_bytes(&subject.recipe.context.files, &part.folder)?;
            Some(found(subject, &part, outside))
        })
        .collect()
}

/// Whether a stage is neither the image nor the base of another stage.
fn is_way_station(dockerfile: &Dockerfile, stage: usize) -> bool {
    let later = dockerfile.stages.iter().enumerate().skip(stage + 1);
    let mut bases = later.map(|(at, it)| dockerfile.stage_index(&it.base, at));
    stage + 1 < dockerfile.stages.len() && !bases.any(|base| base == Some(stage))
}

/// The part of a whole copy that later steps use. `None` when they use all of it, or it is not known.
fn part<'a>(subject: &Subject<'a>, taken: &'a Taken<'a>) -> Option<Part<'a>> {
    let dockerfile = &subject.recipe.dockerfile;
    let Detail::Copy(copy) = &taken.instruction.detail else {
        return None;
    };
    let stage = &dockerfile.stages[taken.stage];
    let states = &subject.states[taken.stage];
    let instructions = stage.instructions.iter().zip(states);
    let mut destination = None;
    let mut used: Vec<Work> = Vec::new();
    for (instruction, state) in instructions {
        if instruction.line == taken.instruction.line {
            destination = state.absolute(&copy.destination, dockerfile.escape);
        } else if instruction.line > taken.instruction.line {
            match &instruction.detail {
                Detail::Run(run) => used.extend(works(run, state, dockerfile.escape)?),
                Detail::Copy(_) | Detail::Add(_) => return None,
                _ => {}
            }
        }
    }
    let destination = destination?;
    let folder = common_folder(&used, &destination)?;
    handed_on(dockerfile, taken.stage, &destination, &folder)?;
    Some(Part {
        taken,
        copy,
        destination,
        folder,
        works: used,
    })
}

/// The one folder at the top of the context that all commands work in.
fn common_folder(works: &[Work], destination: &str) -> Option<String> {
    let top = |work: &Work| {
        family(&work.command)?;
        let below = work
            .folder
            .strip_prefix(destination.trim_end_matches('/'))?;
        let folder = below.strip_prefix('/')?.split('/').next()?;
        Some(folder.to_owned())
    };
    let folder = top(works.first()?)?;
    let is_same = works.iter().all(|work| top(work).as_ref() == Some(&folder));
    is_same.then_some(folder)
}

/// Whether all that later stages take of the context's copy is in the folder.
fn handed_on(dockerfile: &Dockerfile, stage: usize, destination: &str, folder: &str) -> Option<()> {
    let inside = format!("{}/{folder}", destination.trim_end_matches('/'));
    let uses = StageUses::of(dockerfile);
    for (at, later) in dockerfile.stages.iter().enumerate().skip(stage + 1) {
        if !uses.uses[at].contains(&stage) {
            continue;
        }
        for instruction in &later.instructions {
            let is_own = |from: &String| dockerfile.stage_index(from, at) == Some(stage);
            match &instruction.detail {
                Detail::Copy(copy) if copy.from.as_ref().is_some_and(is_own) => {
                    let is_safe = |source: &String| {
                        let path = format!("/{}", source.trim_matches('/'));
                        is_in(&path, &inside)
                            || !is_in(&path, destination) && !is_in(destination, &path)
                    };
                    copy.sources.iter().all(is_safe).then_some(())?;
                }
                Detail::Run(run) => {
                    let mut mounts = run.mounts.iter();
                    (!mounts.any(|it| it.from.as_ref().is_some_and(is_own))).then_some(())?;
                }
                _ => {}
            }
        }
    }
    Some(())
}

/// Bytes of the context outside a folder at its top. `None` when there is nothing.
fn outside_bytes(files: &Files, folder: &str) -> Option<u64> {
    files.folders.contains(folder).then_some(())?;
    let all = files.sizes_bytes.iter().chain(&files.unread);
    let outside: Vec<_> = all
        .filter(|(path, _)| !is_in(path, folder))
        .filter(|(path, _)| !path.starts_with("Dockerfile") && *path != ".dockerignore")
        .map(|(_, size_bytes)| size_bytes)
        .collect();
    (!outside.is_empty()).then(|| outside.into_iter().sum())
}

/// Sources of Node may read any file by its path, and are not looked at; those of others cannot.
fn confidence(part: &Part<'_>) -> Confidence {
    let is_node = |work: &Work| family(&work.command) == Some("node");
    if part.works.iter().any(is_node) {
        Confidence::Possible
    } else {
        Confidence::Likely
    }
}

fn found(subject: &Subject<'_>, part: &Part<'_>, outside_bytes: u64) -> Found {
    let dockerfile = &subject.recipe.dockerfile;
    let instruction = part.taken.instruction;
    let message = format!(
        "`{}` takes all of the context, but the steps after it work in `{}` alone: {} besides run them \
         again",
        instruction.text,
        part.folder,
        format_bytes(outside_bytes)
    );
    let instructions = dockerfile.stages[part.taken.stage].instructions.iter();
    let after = instructions.filter(|it| it.keyword == "RUN" && it.line > instruction.line);
    let times = after.map(|it| subject.durations_ms.get(&it.line).copied());
    Found {
        saved_ms: times.sum(),
        saved_bytes: Some(outside_bytes),
        confidence: confidence(part),
        remedy: match narrowed(subject, part) {
            Ok(edit) => Remedy::Patch(vec![edit]),
            Err(why) => Remedy::Withheld(why),
        },
        ..Found::new(
            instruction.line,
            message,
            format!("copy `{}` alone", part.folder),
        )
    }
}
