//! Plans the patch: what is copied first, what waits for the install, and whether both are safe.
//!
//! Source of what is safe: research/cache.md section 5, rules 3, 5 and 6.

use common::dockerfile::{Copy, Instruction, Run};
use std::collections::BTreeSet;

use super::commands::{Commands, Installing, commands};
use super::overwritten::overwritten;
use super::patch::{Moving, Parts, edits};
use super::placement::Placement;
use super::site::{Copying, check_between, copyings, missing_dir, movable};
use super::view::{View, image_of, is_within, view};
use crate::analysis::install_inputs::{Inputs, Project, inputs};
use crate::analysis::rules::{Confidence, Subject};
use crate::analysis::shell::Command;
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
    /// It is mended by these edits.
    Mended(Vec<Edit>, Confidence),
    /// It is not, or not by what is known: why.
    Withheld(String, Confidence),
    /// The install reads all that is copied before it: it is none.
    Fine,
}

/// Chosen: an image has at most 127 layers, and a list of manifests that is longer hides the rest.
const LINES_MAX: usize = 30;

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
    let found = Found {
        subject,
        site,
        run,
        commands: &commands,
        copyings: &copyings,
        moved: &moved,
        reads: &reads,
    };
    match found.edits() {
        Ok(edits) => Outcome::Mended(edits, confidence(&commands, &reads.paths)),
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
struct Reads {
    /// The context around the working directory of the first install.
    view: View,
    /// Files and folders by their paths in the context.
    paths: BTreeSet<String>,
    /// What each install reads, in their order.
    inputs: Vec<Inputs>,
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

/// All that was found out on the way to the edits.
struct Found<'a> {
    subject: &'a Subject<'a>,
    site: Site,
    run: &'a Run,
    commands: &'a Commands,
    copyings: &'a [Copying<'a>],
    moved: &'a [usize],
    reads: &'a Reads,
}

impl Found<'_> {
    fn edits(&self) -> Result<Vec<Edit>, String> {
        let files = &self.subject.recipe.context.files;
        self.check_links(files)?;
        self.check_overwritten(files)?;
        let instructions = self.instructions();
        let is_moved = |line| {
            let mut moved = self.moved.iter();
            moved.any(|&index| self.copyings[index].instruction.line == line)
        };
        let moves_settings = self.moved.iter().any(|&index| {
            let placement = self.copyings[index].placement.iter();
            placement
                .flat_map(|p| &p.files)
                .any(|(path, _)| path.ends_with(".yarnrc.yml"))
        });
        let between = &instructions[self.site.first..self.site.run];
        check_between(between, moves_settings)?;
        let is_unknown_dir = self.state().workdir.is_none();
        if is_unknown_dir
            && between
                .iter()
                .any(|i| i.keyword == "WORKDIR" && !is_moved(i.line))
        {
            return Err("the working directory of the install is not known".to_owned());
        }
        let moving = self.moving(files)?;
        if moving
            .iter()
            .map(|moving| moving.reads.len())
            .sum::<usize>()
            > LINES_MAX
        {
            return Err("the install reads too many files to copy each by its name".to_owned());
        }
        self.check_dirs(&moving)?;
        edits(&Parts {
            recipe: self.subject.recipe,
            moving: &moving,
            run_at: &instructions[self.site.run],
            run: self.run,
            run_state: self.state(),
            commands: self.commands,
            narrowed: &self.narrowed(),
        })
    }

    fn instructions(&self) -> &[Instruction] {
        &self.subject.recipe.dockerfile.stages[self.site.stage].instructions
    }

    fn state(&self) -> &crate::analysis::stage_state::State {
        &self.subject.states[self.site.stage][self.site.run]
    }

    /// Commands that are to be written anew, by index.
    fn narrowed(&self) -> Vec<(usize, &Command, &str)> {
        let pairs = self.commands.installs.iter().zip(&self.reads.inputs);
        pairs
            .filter_map(|(installing, inputs)| {
                let narrowed = inputs.command.as_deref()?;
                Some((installing.index, &installing.command, narrowed))
            })
            .collect()
    }

    /// A link that is named is followed, one in a folder is copied as it is.
    fn check_links(&self, files: &Files) -> Result<(), String> {
        let is_link_to = |link: &&String| {
            let mut paths = self.reads.paths.iter();
            paths.any(|path| is_within(path, link) || is_within(link, path))
        };
        match files.links.keys().find(is_link_to) {
            Some(link) => Err(format!(
                "`{link}`, which the install reads, is a symbolic link"
            )),
            None => Ok(()),
        }
    }

    fn check_overwritten(&self, files: &Files) -> Result<(), String> {
        let moved = || self.moved.iter().map(|&index| &self.copyings[index]);
        for Installing {
            command, install, ..
        } in &self.commands.installs
        {
            if let Some(path) = overwritten(moved(), install, command, files) {
                return Err(format!(
                    "`{path}` of the build context would overwrite what is installed: name it in \
                     `{}` first",
                    self.ignore_name()
                ));
            }
        }
        Ok(())
    }

    fn ignore_name(&self) -> &str {
        let path = self.subject.recipe.context.ignore_path.as_str();
        path.rsplit('/')
            .next()
            .filter(|name| !name.is_empty())
            .unwrap_or(".dockerignore")
    }

    /// Each instruction that waits, with what of it the install reads.
    fn moving(&self, files: &Files) -> Result<Vec<Moving<'_>>, String> {
        let mut moving: Vec<Moving<'_>> = self
            .moved
            .iter()
            .map(|&index| Moving {
                copying: &self.copyings[index],
                reads: Vec::new(),
            })
            .collect();
        for path in &self.reads.paths {
            let image = image_of(path, &self.reads.view.dir, &self.commands.installs[0].dir);
            let image = image.ok_or_else(|| format!("`{path}` has no place in the image"))?;
            let is_folder = !files.has_file(path);
            if is_folder && !self.is_whole(path, files) {
                return Err(format!(
                    "only a part of `{path}` is copied before the install"
                ));
            }
            match self.provider(path)? {
                Some(index) => {
                    let at = self.moved.iter().position(|&moved| moved == index);
                    if let Some(at) = at {
                        moving[at].reads.push((path.clone(), image, is_folder));
                    }
                }
                None => return Err(format!("`{path}` is not copied before the install")),
            }
        }
        Ok(moving)
    }

    fn is_whole(&self, folder: &str, files: &Files) -> bool {
        let mut within = files
            .sizes_bytes
            .keys()
            .filter(|path| is_within(path, folder));
        within.all(|path| self.reads.view.files.has_file(path))
    }

    /// The copying that puts a file or folder where the install sees it: the first that stays, or the
    /// last that waits.
    fn provider(&self, path: &str) -> Result<Option<usize>, String> {
        let provides = |copying: &Copying<'_>| {
            let placement = copying.placement.iter();
            let mut files = placement.flat_map(|placement| &placement.files);
            files.any(|(file, image)| {
                let expected = image_of(file, &self.reads.view.dir, &self.commands.installs[0].dir);
                is_within(file, path) && expected.as_ref() == Some(image)
            })
        };
        let providers: Vec<usize> = (0..self.copyings.len())
            .filter(|&index| provides(&self.copyings[index]))
            .collect();
        let stays = providers.iter().find(|index| !self.moved.contains(index));
        let is_file = self.subject.recipe.context.files.has_file(path);
        if !is_file && providers.len() > 1 {
            return Err(format!("`{path}` is copied by several instructions"));
        }
        Ok(stays.or(providers.last()).copied())
    }

    fn check_dirs(&self, moving: &[Moving<'_>]) -> Result<(), String> {
        let mut images: BTreeSet<String> = moving
            .iter()
            .flat_map(|moving| &moving.reads)
            .map(|(_, image, _)| image.clone())
            .collect();
        for (index, copying) in self.copyings.iter().enumerate() {
            if !self.moved.contains(&index) {
                let files = copying
                    .placement
                    .iter()
                    .flat_map(|placement| &placement.files);
                images.extend(files.map(|(_, image)| image.clone()));
            }
        }
        let escape = self.subject.recipe.dockerfile.escape;
        match missing_dir(self.commands, self.state(), escape, &images) {
            Some(dir) => Err(format!("`{dir}` is not there before the sources are")),
            None => Ok(()),
        }
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
