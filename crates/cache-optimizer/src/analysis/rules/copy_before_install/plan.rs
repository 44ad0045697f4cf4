//! Plans the patch: what is copied first, what waits for the install, and whether both are safe.
//!
//! Source of what is safe: research/cache.md section 5, rules 3, 5 and 6.

use common::dockerfile::{Copy, Run};
use std::collections::BTreeSet;

use super::commands::{Commands, Installing, commands};
use super::placement::Placement;
use super::proof::Proof;
use super::site::{Copying, copyings, movable};
use super::view::{View, view};
use crate::analysis::install_inputs::{Inputs, Project, inputs};
use crate::analysis::rules::{Confidence, Subject};
use crate::model::edit::Edit;
use crate::model::files::Files;

/// Where a fault is: by the indexes of a stage and of its instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) stage: usize,
    /// The first instruction that copies sources.
    pub(super) first: usize,
    /// The one that installs.
    pub(super) run: usize,
}

/// What comes of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is mended by these edits, which save the whole step unless they narrow its install.
    Mended {
        edits: Vec<Edit>,
        confidence: Confidence,
        is_narrowed: bool,
    },
    /// It is not, or not by what is known: why.
    Withheld(String, Confidence),
    /// The install reads all that is copied before it: it is none.
    Fine,
}

/// What is found in a context is all of it up to so many files and folders.
const ENTRIES_MAX: usize = 50_000;

pub(super) fn outcome(
    subject: &Subject<'_>,
    site: Site,
    run: &Run,
    takes_sources: impl Fn(&Copy) -> bool,
) -> Outcome {
    let escape = subject.recipe.dockerfile.escape;
    let state = &subject.states[site.stage][site.run];
    let likely = |why| Outcome::Withheld(why, Confidence::Likely);
    if let Err(why) = check_known(subject) {
        return likely(why);
    }
    let commands = match commands(run, state, escape) {
        Ok(commands) => commands,
        Err(why) => return likely(why),
    };
    let copyings = copyings(subject, site.stage, site.first, site.run);
    let reads = match reads(&copyings, &commands, &subject.recipe.context.files) {
        Ok(reads) => reads,
        Err((why, confidence)) => return Outcome::Withheld(why, confidence),
    };
    let place = (reads.view.dir.as_str(), commands.installs[0].dir.as_str());
    let moved = match movable(&copyings, &reads.paths, place, takes_sources, escape) {
        Ok(moved) => moved,
        Err(why) => return likely(why),
    };
    if moved.is_empty() {
        let is_known = copyings
            .iter()
            .all(|c| !c.is_after_first || c.copy.from.is_some() || c.placement.is_some());
        return if is_known {
            Outcome::Fine
        } else {
            likely("what is copied before the install is not known".to_owned())
        };
    }
    let proof = Proof {
        subject,
        site,
        run,
        commands: &commands,
        copyings: &copyings,
        moved: &moved,
        reads: &reads,
    };
    match proof.edits() {
        Ok(edits) => Outcome::Mended {
            edits,
            confidence: confidence(&commands, &reads.paths),
            is_narrowed: !proof.narrowed().is_empty(),
        },
        Err(why) => likely(why),
    }
}

fn check_known(subject: &Subject<'_>) -> Result<(), String> {
    let files = &subject.recipe.context.files;
    if subject.recipe.dockerfile.escape != '\\' {
        return Err("paths of Windows are not understood".to_owned());
    }
    if files.sizes_bytes.is_empty() {
        return Err("nothing is known of the build context".to_owned());
    }
    if files.sizes_bytes.len() + files.folders.len() >= ENTRIES_MAX {
        return Err("the build context has too many files to look at all".to_owned());
    }
    Ok(())
}

/// What the installs of a `RUN` read.
pub(super) struct Reads {
    /// The context around the working directory of the first install.
    pub(super) view: View,
    /// Files and folders by their paths in the context.
    pub(super) paths: BTreeSet<String>,
    /// What each install reads, in their order.
    pub(super) inputs: Vec<Inputs>,
}

fn reads(
    copyings: &[Copying<'_>],
    commands: &Commands,
    files: &Files,
) -> Result<Reads, (String, Confidence)> {
    let placements: Vec<&Placement> = copyings
        .iter()
        .filter_map(|c| c.placement.as_ref())
        .collect();
    let mut paths = BTreeSet::new();
    let mut views = Vec::new();
    let mut all = Vec::new();
    for Installing {
        command,
        install,
        dir,
        ..
    } in &commands.installs
    {
        let view = view(&placements, dir, files).map_err(|why| (why, Confidence::Likely))?;
        let project = Project {
            dir: &view.dir,
            files: &view.files,
            command,
        };
        // With a manifest there, it is the project that makes the advice uncertain.
        let manifests = install.manifests.iter();
        let has_manifest = manifests.filter(|name| !name.is_empty()).any(|name| {
            view.files
                .texts
                .keys()
                .any(|path| path.ends_with(name.trim_start_matches("./")))
        });
        let confidence = if has_manifest {
            Confidence::Possible
        } else {
            Confidence::Likely
        };
        let inputs = inputs(install, project).map_err(|why| (why, confidence))?;
        paths.extend(inputs.paths.iter().cloned());
        all.push(inputs);
        views.push(view);
    }
    let mut views = views.into_iter();
    match views.next() {
        Some(view) if views.all(|other| other.files == view.files) => Ok(Reads {
            view,
            paths,
            inputs: all,
        }),
        _ => Err((
            "its installs see different parts of the project".to_owned(),
            Confidence::Likely,
        )),
    }
}

/// Certain when the install runs nothing that could see the project, and does not write the lock file
/// that is copied after it; else it goes by the conventions of the tools.
fn confidence(commands: &Commands, paths: &BTreeSet<String>) -> Confidence {
    let has_lock = |name: &str| paths.iter().any(|path| path.ends_with(name));
    let is_certain = |installing: &Installing| {
        let has = |flags: &[&str]| {
            let mut arguments = installing.command.arguments.iter();
            arguments.any(|argument| flags.contains(&argument.as_str()))
        };
        match installing.install.tool {
            "pip" => true,
            "poetry" => has_lock("poetry.lock"),
            "uv" => has(&["--locked", "--frozen"]),
            "pipenv" => has(&["sync", "--deploy"]),
            "npm" => has(&["ci", "clean-install"]) && has(&["--ignore-scripts"]),
            "yarn" | "pnpm" | "bun" => {
                has(&["--frozen-lockfile", "--immutable"]) && has(&["--ignore-scripts"])
            }
            _ => false,
        }
    };
    if commands.installs.iter().all(is_certain) {
        Confidence::Certain
    } else {
        Confidence::Likely
    }
}
