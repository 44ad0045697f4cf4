//! Named contexts as images, which is all that a frontend without named contexts can start from.
//!
//! What has no name in the Engine gets one for as long as the build takes: the results of targets,
//! and folders and repositories, which become images of their own, each once per build.

use bollard::query_parameters::RemoveImageOptions;
use common::build_context::ignore_path;
use common::engine::Engine;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::OnceCell;

use super::clock::Clock;
use super::event::StepEvent;
use super::identity::{shared_key, unique_id};
use super::outputs::Output;
use super::request::Given;
use super::rewrite::rewrite;
use super::session::Services;
use super::session::file_sync::FileSync;
use super::solve;
use super::status::Steps;
use crate::input::context::scan;
use crate::model::context::ContextScan;
use crate::model::outcome::{TargetError, TargetErrorKind};
use crate::model::plan::{ContextUse, NamedContext, Plan, Target};

/// The registry of names that last as long as a build. There is none of this name.
const REGISTRY: &str = "build-orchestrator.local";

/// What makes an image of a folder.
const FOLDER_DOCKERFILE: &str = "FROM scratch\nCOPY . /\n";

/// The named contexts of a build.
pub(super) struct Named {
    /// Tells this build's names from those of others.
    build: String,
    /// The positions of targets whose results are contexts of others.
    linked: HashMap<String, usize>,
    /// The images of folders and repositories.
    cells: HashMap<String, OnceCell<Result<String, TargetError>>>,
    sent_bytes: Arc<AtomicU64>,
    clock: Clock,
}

/// A Dockerfile with images in the place of named contexts.
pub(super) struct Rewritten {
    /// Its text.
    pub(super) text: String,
    /// The names that were put in, and what stood there.
    pub(super) names: Vec<(String, String)>,
}

impl Named {
    pub(super) fn new(plan: &Plan, clock: Clock) -> Self {
        let uses = || plan.targets.iter().flat_map(used_contexts);
        let asked: HashSet<&String> = uses()
            .filter_map(|(_, context)| match context {
                NamedContext::Target(name) => Some(name),
                _ => None,
            })
            .collect();
        let positions = plan.targets.iter().enumerate();
        let keys = uses().filter_map(|(_, context)| key(context));
        Self {
            build: unique_id().chars().take(12).collect(),
            linked: positions
                .filter(|(_, target)| asked.contains(&target.name))
                .map(|(position, target)| (target.name.clone(), position))
                .collect(),
            cells: keys.map(|key| (key, OnceCell::new())).collect(),
            sent_bytes: Arc::default(),
            clock,
        }
    }

    /// The name that a target's image gets for the time of the build. `None` when no other needs
    /// one.
    pub(super) fn target_name(&self, target: &str) -> Option<String> {
        let position = self.linked.get(target)?;
        Some(format!(
            "{REGISTRY}/{}/target-{position}:latest",
            self.build
        ))
    }

    /// The target's Dockerfile with images in the place of named contexts. `None` when it uses none.
    pub(super) async fn rewritten(
        &self,
        engine: &Engine,
        target: &Target,
    ) -> Result<Option<Rewritten>, TargetError> {
        if target.context_uses.is_empty() {
            return Ok(None);
        }
        let mut images = Vec::new();
        let mut names = Vec::new();
        for (used, context) in used_contexts(target) {
            let image = match context {
                NamedContext::Image(name) => name.clone(),
                NamedContext::Target(name) => self.target_name(name).unwrap_or_default(),
                NamedContext::Folder(_) | NamedContext::Remote(_) => {
                    self.image(engine, context).await?
                }
            };
            if image.starts_with(REGISTRY) {
                names.push((image.clone(), used.written.clone()));
            }
            images.push((used, image));
        }
        let text = match &target.dockerfile_inline {
            Some(text) => text.clone(),
            None => fs_err::read_to_string(&target.dockerfile_path).map_err(failed)?,
        };
        let uses: Vec<_> = images
            .iter()
            .map(|(used, image)| (*used, image.as_str()))
            .collect();
        Ok(Some(Rewritten {
            text: rewrite(&text, &uses),
            names,
        }))
    }

    /// Bytes that were sent for folders since the last call.
    pub(super) fn take_sent_bytes(&self) -> u64 {
        self.sent_bytes.swap(0, Ordering::Relaxed)
    }

    /// The image of a folder or repository. The first to ask makes it.
    async fn image(&self, engine: &Engine, context: &NamedContext) -> Result<String, TargetError> {
        let key = key(context).unwrap_or_default();
        let make = || async {
            let number = self.cells.keys().filter(|other| **other < key).count();
            let name = format!("{REGISTRY}/{}/context-{number}:latest", self.build);
            self.make(engine, context, &name).await.map(|()| name)
        };
        match self.cells.get(&key) {
            Some(cell) => cell.get_or_init(make).await.clone(),
            None => make().await,
        }
    }

    async fn make(
        &self,
        engine: &Engine,
        context: &NamedContext,
        name: &str,
    ) -> Result<(), TargetError> {
        let (scan, remote) = match context {
            NamedContext::Folder(dir) => (scan_folder(dir.clone()).await?, None),
            NamedContext::Remote(url) => (ContextScan::default(), Some(url.clone())),
            NamedContext::Target(_) | NamedContext::Image(_) => return Ok(()),
        };
        let target = Target {
            name: "named context".to_owned(),
            context_dir: scan.dir.clone(),
            dockerfile_path: PathBuf::from("Dockerfile"),
            ..Target::default()
        };
        let given = Given {
            services: Services::files(FileSync {
                context: Arc::new(scan),
                paths: Vec::new(),
                dockerfile_path: target.dockerfile_path.clone(),
                dockerfile_text: Some(FOLDER_DOCKERFILE.into()),
                sent_bytes: self.sent_bytes.clone(),
            }),
            context: None,
            shared_key: shared_key(&target.context_dir, &key(context).unwrap_or_default()),
            remote,
            no_cache: false,
            outputs: vec![Output::Image],
            names: vec![name.to_owned()],
            pull: false,
            clock: self.clock,
        };
        let mut steps = Steps::new(self.clock);
        let mut silent = |_: StepEvent<'_>| ();
        let built = solve::build(engine, &target, &given, &mut steps, &mut silent).await;
        built.map(drop).map_err(|error| TargetError {
            message: format!(
                "the named context `{}` cannot be read: {}",
                key(context).unwrap_or_default(),
                error.message
            ),
            ..error
        })
    }

    /// Takes the names of this build away again, those of `targets` included.
    pub(super) async fn remove_names(&self, engine: &Engine) {
        let of_targets = self
            .linked
            .keys()
            .filter_map(|target| self.target_name(target));
        // Also those that are not known to be made: the builder may have made one while it was told
        // to stop.
        let made = (0..self.cells.len())
            .map(|number| format!("{REGISTRY}/{}/context-{number}:latest", self.build));
        for name in of_targets.chain(made) {
            // A target that was not built has left no name.
            let _ = engine
                .api
                .remove_image(&name, None::<RemoveImageOptions>, None)
                .await;
        }
    }
}

fn used_contexts(target: &Target) -> impl Iterator<Item = (&ContextUse, &NamedContext)> {
    let uses = target.context_uses.iter();
    uses.filter_map(|used| Some((used, target.named_contexts.get(&used.name)?)))
}

/// What tells folders and repositories from each other.
fn key(context: &NamedContext) -> Option<String> {
    match context {
        NamedContext::Folder(dir) => Some(dir.display().to_string()),
        NamedContext::Remote(url) => Some(url.clone()),
        NamedContext::Target(_) | NamedContext::Image(_) => None,
    }
}

async fn scan_folder(dir: PathBuf) -> Result<ContextScan, TargetError> {
    let read = move || {
        let ignore_path = ignore_path(&dir, &dir.join("Dockerfile"));
        scan(&dir, ignore_path.as_deref())
    };
    let scan = tokio::task::spawn_blocking(read).await;
    scan.expect("reading a folder does not panic")
        .map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> TargetError {
    TargetError {
        kind: TargetErrorKind::Build,
        message: error.to_string(),
    }
}
