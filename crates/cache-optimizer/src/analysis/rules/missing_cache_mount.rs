//! Finds installs and builds whose package manager or compiler keeps a cache that no mount holds, so
//! that it downloads and compiles everything again when the step runs again.
//!
//! The patch adds the mounts, and takes out of the same step what would empty them. Where the cache
//! may be needed later, or where it is cannot be proven, there is none.

mod plan;
mod safety;

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::package_caches::{
    Folder, PackageCache, Reads, Step, is_meant_for, is_within, steps,
};
use crate::model::edit::Edit;

/// A tool's cache that a step fills and no mount holds.
#[derive(Clone, Debug)]
struct Missing {
    /// The index of the step.
    step: usize,
    tool: &'static str,
    /// Whether other steps find in it what they would download again.
    is_carried: bool,
    /// The folders that are not mounted, or why they must not be or are not known.
    folders: Result<Vec<Folder>, String>,
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let steps = steps(subject.recipe, subject.states);
    let mut missing = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let caches = step.caches.iter();
        missing.extend(caches.filter_map(|cache| missing_of(index, step, cache)));
    }
    for missing in &mut missing {
        let checked = missing
            .folders
            .as_deref()
            .map_err(Clone::clone)
            .and_then(|folders| {
                safety::check(subject, &steps, missing.step, missing.tool, folders)
            });
        if let Err(why) = checked {
            missing.folders = Err(why);
        }
    }
    withhold_together(subject, &steps, &mut missing);
    found(subject, &steps, &missing)
}

fn missing_of(index: usize, step: &Step<'_>, cache: &PackageCache) -> Option<Missing> {
    let folders = match &cache.folders {
        Ok(_) if step.has_unclear_mount() => {
            Err("the folder of another mount of the step is not known".to_owned())
        }
        // A mount in the wrong place is what `cache-mount-unused-path` finds.
        Ok(folders) if has_misplaced_mount(step, cache.tool, folders) => return None,
        Ok(folders) => {
            let is_missing = |folder: &&Folder| !step.is_mounted(&folder.path);
            let folders: Vec<_> = folders.iter().filter(is_missing).cloned().collect();
            if folders.is_empty() {
                return None;
            }
            Ok(folders)
        }
        // Whoever mounts a cache has thought of where it is.
        Err(_) if !step.cache_mounts().is_empty() => return None,
        Err(why) => Err(why.clone()),
    };
    Some(Missing {
        step: index,
        tool: cache.tool,
        is_carried: cache.reads != Reads::Nothing,
        folders,
    })
}

fn has_misplaced_mount(step: &Step<'_>, tool: &str, folders: &[Folder]) -> bool {
    step.cache_mounts().iter().any(|(_, path)| {
        let is_used =
            |folder: &Folder| is_within(path, &folder.path) || is_within(&folder.path, path);
        is_meant_for(tool, path) && !folders.iter().any(is_used)
    })
}

/// Where one step hands its downloads to another, a patch of one alone would make the other download
/// them again: then none is offered for either.
fn withhold_together(subject: &Subject<'_>, steps: &[Step<'_>], missing: &mut [Missing]) {
    let mut refused = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let of_step = || missing.iter().filter(|missing| missing.step == index);
        let is_refused = of_step().any(|missing| missing.folders.is_err())
            || patch(subject, step, &of_step().collect::<Vec<_>>()).is_err();
        if is_refused {
            let carried = of_step().filter(|missing| missing.is_carried);
            refused.extend(carried.map(|missing| (step.root, missing.tool, step.instruction.line)));
        }
    }
    for missing in missing {
        let step = &steps[missing.step];
        let other = refused.iter().find(|(root, tool, line)| {
            *root == step.root && *tool == missing.tool && *line != step.instruction.line
        });
        if let (Ok(_), Some((_, tool, line))) = (&missing.folders, other) {
            let why = format!("line {line} needs the same downloads of {tool}, and has no patch");
            missing.folders = Err(why);
        }
    }
}

fn found(subject: &Subject<'_>, steps: &[Step<'_>], missing: &[Missing]) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let of_step = missing.iter().filter(|missing| missing.step == index);
        let (known, unknown): (Vec<_>, Vec<_>) =
            of_step.partition(|missing| missing.folders.is_ok());
        if !known.is_empty() {
            found.push(Found {
                confidence: Confidence::Likely,
                remedy: match patch(subject, step, &known) {
                    Ok(edit) => Remedy::Patch(vec![edit]),
                    Err(why) => Remedy::Withheld(why),
                },
                ..finding(step, &known)
            });
        }
        found.extend(unknown.into_iter().map(|unknown| Found {
            confidence: Confidence::Possible,
            remedy: Remedy::Withheld(unknown.folders.clone().err().unwrap_or_default()),
            ..finding(step, &[unknown])
        }));
    }
    found
}

fn finding(step: &Step<'_>, missing: &[&Missing]) -> Found {
    let commands: Vec<_> = missing
        .iter()
        .map(|missing| format!("`{}`", step.shown(missing.tool)))
        .collect();
    let folders = missing
        .iter()
        .filter_map(|missing| missing.folders.as_ref().ok());
    let folders: Vec<_> = folders
        .flatten()
        .map(|folder| format!("`{}`", folder.path))
        .collect();
    let (verb, their) = if commands.len() == 1 {
        ("starts", "its")
    } else {
        ("start", "their")
    };
    let advice = if folders.is_empty() {
        "mount a cache at the folder where the tool keeps its downloads".to_owned()
    } else {
        format!("mount a cache at {}", folders.join(" and "))
    };
    Found::new(
        step.instruction.line,
        format!(
            "{} {verb} from nothing each time the step runs, since no cache mount keeps {their} downloads",
            commands.join(" and ")
        ),
        format!(
            "{advice}; CI whose builders start empty has to save the mounts too, as \
             `buildkit-cache-dance` does"
        ),
    )
}

/// The edit that adds the mounts.
fn patch(subject: &Subject<'_>, step: &Step<'_>, missing: &[&Missing]) -> Result<Edit, String> {
    let known = missing.iter().filter_map(|missing| {
        let folders = missing.folders.as_deref().ok()?;
        Some((missing.tool, folders))
    });
    plan::edit(subject.recipe, step, &known.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
