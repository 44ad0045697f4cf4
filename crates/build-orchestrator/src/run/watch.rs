//! The subcommand `watch`: builds, and builds again what a change affects.

use common::build_context::ignore_path;
use common::engine::Engine;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::Input;
use common::terminal::Printer;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

use super::build::build_plan;
use super::plan::read_plan;
use crate::analysis::affected::{AllIngredients, affected, ingredients};
use crate::analysis::graph::{Order, order};
use crate::cli::watch::WatchArgs;
use crate::execute::watch::replace::replace;
use crate::execute::watch::{Folders, Waiter, Wake};
use crate::input::context::{ContextError, hash_files, scan};
use crate::model::context::ContextScan;
use crate::model::outcome::{BuildOutcome, Status};
use crate::model::plan::{NamedContext, Plan, Target};

pub(super) fn watch(args: &WatchArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = Received::read_files(&args.build.input.input)?;
    let runtime = Runtime::new().map_err(CommandError::input)?;
    let waiter = Waiter::new(&runtime, args.poll);
    let mut watch = Watch {
        args,
        printer,
        received,
        runtime,
        waiter,
        before: AllIngredients::new(),
        failed: BTreeSet::new(),
        said: None,
    };
    // What cannot even be read, or has no Engine, is not going to be watched.
    let first = watch.round()?;
    if !args.hot_reload {
        return Ok(first);
    }
    while !watch.waiter.is_interrupted() {
        printer.detail("waiting for changes");
        if watch.runtime.block_on(watch.waiter.wait()) == Wake::Interrupted {
            break;
        }
        if let Err(error) = watch.round() {
            watch.say_once(&error);
        }
    }
    Ok(Exit::Ok)
}

struct Watch<'a> {
    args: &'a WatchArgs,
    printer: &'a Printer,
    /// What goes ahead of the first report, and of no other.
    received: Received,
    runtime: Runtime,
    waiter: Waiter,
    /// What the targets were made from when they were last tried.
    before: AllIngredients,
    failed: BTreeSet<String>,
    /// The last error, so that it is not said again at every look.
    said: Option<String>,
}

impl Watch<'_> {
    /// Looks at everything and builds what is affected.
    fn round(&mut self) -> Result<Exit, CommandError> {
        let (plan, files) = read_plan(self.args.build.project.clone(), self.printer)?;
        let folders = folders(&plan, &files);
        self.waiter.watch(folders).map_err(|error| {
            CommandError::input(format!("failed to watch for changes: {error}"))
                .hint("`--poll` looks at the files every second instead")
        })?;
        let now = all_ingredients(&plan).map_err(CommandError::input)?;
        self.said = None;
        let names = affected(&self.before, &now, &self.failed);
        let is_first = self.before.is_empty();
        self.before = now;
        if names.is_empty() {
            return Ok(Exit::Ok);
        }
        if !is_first {
            self.printer
                .status(format!("changed: building {}", names.join(", ")));
        }
        let plan = if is_first { plan } else { only(plan, &names) };
        self.build(plan, files, &names)
    }

    fn build(
        &mut self,
        plan: Plan,
        files: Vec<Input>,
        names: &[String],
    ) -> Result<Exit, CommandError> {
        let planned: Vec<String> = plan.targets.iter().map(|it| it.name.clone()).collect();
        // Should the build not even begin, all of them are still to be built.
        self.failed.extend(names.iter().cloned());
        let received = std::mem::take(&mut self.received);
        let (outcome, exit) = build_plan(&self.args.build, plan, files, &received, self.printer)?;
        for (name, target) in planned.iter().zip(&outcome.targets) {
            if target.status == Status::Built {
                self.failed.remove(name);
            } else {
                self.failed.insert(name.clone());
            }
        }
        self.printer.status(summary(&planned, &outcome));
        if exit == Exit::Ok && !self.args.recreate.is_empty() {
            self.recreate()?;
        }
        Ok(exit)
    }

    fn recreate(&self) -> Result<(), CommandError> {
        let host = self.args.build.engine.host.as_deref();
        self.runtime.block_on(async {
            let engine = Engine::connect(host).await?;
            for name in &self.args.recreate {
                match replace(&engine, name).await {
                    Ok(true) => self.printer.status(format!("replaced `{name}`")),
                    Ok(false) => {}
                    Err(error) => self.printer.error(&CommandError::input(error)),
                }
            }
            Ok(())
        })
    }

    fn say_once(&mut self, error: &CommandError) {
        let text = error.to_string();
        if self.said.as_ref() != Some(&text) {
            self.printer.error(error);
            self.said = Some(text);
        }
    }
}

/// The part of a plan that makes the targets named.
fn only(plan: Plan, names: &[String]) -> Plan {
    match order(plan.targets.clone(), names) {
        Order::Plan(part) => part,
        // The whole could be ordered, so its parts can.
        Order::NoTarget { .. } | Order::Cycle(_) => plan,
    }
}

fn all_ingredients(plan: &Plan) -> Result<AllIngredients, ContextError> {
    let mut all = AllIngredients::new();
    for target in &plan.targets {
        let ignore = ignore_path(&target.context_dir, &target.dockerfile_path);
        let context = hashed(&target.context_dir, ignore.as_deref())?;
        let mut named = BTreeMap::new();
        for (name, folder) in named_folders(target) {
            let ignore = folder.join(".dockerignore");
            let ignore = Some(ignore.as_path()).filter(|path| path.is_file());
            named.insert(name.clone(), hashed(folder, ignore)?);
        }
        let ingredients = ingredients(target, &context, &named);
        all.insert(target.name.clone(), ingredients);
    }
    Ok(all)
}

fn hashed(dir: &Path, ignore: Option<&Path>) -> Result<ContextScan, ContextError> {
    let mut context = scan(dir, ignore)?;
    // A file that cannot be read has no digest; the build says so if it needs it.
    drop(hash_files(&mut context, || false));
    Ok(context)
}

fn named_folders(target: &Target) -> impl Iterator<Item = (&String, &PathBuf)> {
    let named = target.named_contexts.iter();
    named.filter_map(|(name, context)| match context {
        NamedContext::Folder(folder) => Some((name, folder)),
        NamedContext::Target(_) | NamedContext::Image(_) | NamedContext::Remote(_) => None,
    })
}

/// Everything that can make a difference: editors replace files, so their folders are watched.
fn folders(plan: &Plan, files: &[Input]) -> Folders {
    let mut folders = Folders::default();
    for target in &plan.targets {
        folders.whole.insert(target.context_dir.clone());
        let named = named_folders(target).map(|(_, folder)| folder.clone());
        folders.whole.extend(named);
        folders.flat.extend(folder_of(&target.dockerfile_path));
    }
    let paths = files.iter().map(|file| Path::new(&file.id));
    folders.flat.extend(paths.filter_map(folder_of));
    folders
}

fn folder_of(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?;
    let is_here = folder.as_os_str().is_empty();
    Some(if is_here {
        PathBuf::from(".")
    } else {
        folder.to_owned()
    })
}

fn summary(names: &[String], outcome: &BuildOutcome) -> String {
    let named = |is_meant: fn(Status) -> bool| {
        let targets = names.iter().zip(&outcome.targets);
        let meant = targets.filter(|(_, target)| is_meant(target.status));
        let names: Vec<&str> = meant.map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    };
    let seconds = outcome.duration_ms as f64 / 1000.0;
    let built = named(|status| status == Status::Built);
    let failed = named(|status| status != Status::Built);
    match (built.as_str(), failed.as_str()) {
        (built, "") => format!("built {built} in {seconds:.1} s"),
        ("", failed) => format!("not built: {failed}, after {seconds:.1} s"),
        (built, failed) => format!("built {built}, not {failed}, in {seconds:.1} s"),
    }
}
