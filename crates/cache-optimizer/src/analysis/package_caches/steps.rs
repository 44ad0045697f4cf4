//! The `RUN`s of a Dockerfile with what they use of package caches, and what they mount.

use common::dockerfile::{Instruction, Mount, Run};

use super::{Folder, PackageCache, Reads, Surroundings, image_name, is_within, package_cache};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_state::State;
use crate::model::recipe::Recipe;

/// A `RUN` with what it uses.
#[derive(Clone, Debug)]
pub(crate) struct Step<'a> {
    /// The index of its stage.
    pub(crate) stage: usize,
    /// The index of the first stage that its stage goes back to: the stages that share one share
    /// what their steps leave behind.
    pub(crate) root: usize,
    /// The instruction.
    pub(crate) instruction: &'a Instruction,
    /// What it says.
    pub(crate) run: &'a Run,
    /// What stands around its commands.
    pub(crate) around: Surroundings<'a>,
    /// Its commands.
    pub(crate) commands: Vec<Command>,
    /// The caches that they fill, one for each tool.
    pub(crate) caches: Vec<PackageCache>,
}

impl Step<'_> {
    /// The folder of a mount, if it is known.
    pub(crate) fn mount_target(&self, mount: &Mount) -> Option<String> {
        let target = mount.target.as_deref().unwrap_or(".");
        self.around.state.absolute(target, self.around.escape)
    }

    /// The folders of its cache mounts that are known, with the mounts.
    pub(crate) fn cache_mounts(&self) -> Vec<(&Mount, String)> {
        let mounts = self.run.mounts.iter().filter(|mount| mount.kind == "cache");
        mounts
            .filter_map(|mount| Some((mount, self.mount_target(mount)?)))
            .collect()
    }

    /// Whether a folder lies in a mount.
    pub(crate) fn is_mounted(&self, path: &str) -> bool {
        let mut targets = self
            .run
            .mounts
            .iter()
            .filter_map(|mount| self.mount_target(mount));
        targets.any(|target| is_within(path, &target))
    }

    /// Whether it has a mount whose folder is not known.
    pub(crate) fn has_unclear_mount(&self) -> bool {
        let mut mounts = self.run.mounts.iter();
        mounts.any(|mount| self.mount_target(mount).is_none())
    }

    /// The first command that fills a tool's cache, with the first of its arguments.
    pub(crate) fn shown(&self, tool: &str) -> String {
        let mut commands = self.commands.iter();
        let command = commands.find(|command| {
            package_cache(command, &self.around).is_some_and(|cache| cache.tool == tool)
        });
        command.map_or_else(|| tool.to_owned(), shown)
    }
}

/// The program and the first of its arguments: enough to find the command.
pub(crate) fn shown(command: &Command) -> String {
    let arguments = command.arguments.iter().take(3).map(String::as_str);
    let words: Vec<&str> = std::iter::once(command.program.as_str())
        .chain(arguments)
        .collect();
    words.join(" ")
}

/// All `RUN`s, in order. Those of `ONBUILD` run elsewhere, and are left out.
pub(crate) fn steps<'a>(recipe: &'a Recipe, states: &'a [Vec<State>]) -> Vec<Step<'a>> {
    let dockerfile = &recipe.dockerfile;
    let mut steps = Vec::new();
    for (stage_index, stage) in dockerfile.stages.iter().enumerate() {
        let image = image_name(dockerfile, stage_index);
        let mut root = stage_index;
        while let Some(base) = dockerfile.stage_index(&dockerfile.stages[root].base, root) {
            root = base;
        }
        for (instruction, state) in stage.instructions.iter().zip(&states[stage_index]) {
            let common::dockerfile::Detail::Run(run) = &instruction.detail else {
                continue;
            };
            let around = Surroundings {
                state,
                image: image.clone(),
                files: &recipe.context.files,
                script: &run.command,
                escape: dockerfile.escape,
            };
            let commands = run_commands(run);
            steps.push(Step {
                stage: stage_index,
                root,
                instruction,
                run,
                caches: caches(&commands, &around),
                around,
                commands,
            });
        }
    }
    steps
}

/// The caches that commands fill, those of one tool put together.
fn caches(commands: &[Command], around: &Surroundings<'_>) -> Vec<PackageCache> {
    let mut caches: Vec<PackageCache> = Vec::new();
    for cache in commands
        .iter()
        .filter_map(|command| package_cache(command, around))
    {
        match caches.iter_mut().find(|known| known.tool == cache.tool) {
            Some(known) => merge(known, cache),
            None => caches.push(cache),
        }
    }
    caches
}

fn merge(known: &mut PackageCache, more: PackageCache) {
    if more.reads == Reads::Needs || known.reads == Reads::Nothing {
        known.reads = more.reads;
    }
    match (&mut known.folders, more.folders) {
        (Ok(folders), Ok(more)) => {
            let is_new = |folder: &Folder| !folders.contains(folder);
            let new: Vec<Folder> = more.into_iter().filter(is_new).collect();
            folders.extend(new);
        }
        (folders @ Ok(_), Err(why)) => *folders = Err(why),
        (Err(_), _) => {}
    }
}
