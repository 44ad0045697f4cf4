//! Checks that a plan is safe, and has it written: nothing between needs the sources, nothing made is
//! overwritten, and all that is read is copied first.

use common::dockerfile::{Instruction, Run};
use std::collections::BTreeSet;

use super::commands::{Commands, Installing};
use super::overwritten::overwritten;
use super::patch::{Moving, Parts, edits};
use super::plan::{Reads, Site};
use super::site::{Copying, check_between, missing_dir};
use super::view::{image_of, is_within};
use crate::analysis::rules::Subject;
use crate::analysis::shell::Command;
use crate::analysis::stage_state::State;
use crate::model::edit::Edit;
use crate::model::files::Files;

/// Chosen: an image has at most 127 layers, and a list of manifests that is longer hides the rest.
const LINES_MAX: usize = 30;

/// All that was found out on the way to the edits.
pub(super) struct Proof<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) site: Site,
    pub(super) run: &'a Run,
    pub(super) commands: &'a Commands,
    pub(super) copyings: &'a [Copying<'a>],
    pub(super) moved: &'a [usize],
    pub(super) reads: &'a Reads,
}

impl Proof<'_> {
    /// The edits, once all is checked.
    ///
    /// # Errors
    ///
    /// What is not known to be safe.
    pub(super) fn edits(&self) -> Result<Vec<Edit>, String> {
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

    fn state(&self) -> &State {
        &self.subject.states[self.site.stage][self.site.run]
    }

    /// Commands that are to be written anew, by index.
    pub(super) fn narrowed(&self) -> Vec<(usize, &Command, &str)> {
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
