//! What a target's build is given beside the target, and what is taken away afterwards.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::event::StepEvent;
use super::identity::shared_key;
use super::outputs::{Output, names, outputs};
use super::request::Given;
use super::session::Services;
use super::session::file_sync::FileSync;
use super::status::Steps;
use super::{Build, pull, solve, supplies};
use crate::model::context::ContextScan;
use crate::model::outcome::{Image, TargetError, TargetOutcome};
use crate::model::plan::Target;
use crate::model::secrets::Secrets;

impl Build<'_> {
    /// What a target's build is given. Names that only this build knows are added to `secrets`.
    pub(super) async fn given(
        &self,
        index: usize,
        target: &Target,
        agents: Vec<(String, PathBuf)>,
        context: Arc<ContextScan>,
        sent_bytes: &Arc<AtomicU64>,
        secrets: &mut Secrets,
    ) -> Result<Given, TargetError> {
        let rewritten = self.named.rewritten(self.engine, target).await?;
        let mut text = target.dockerfile_inline.as_deref().map(Arc::from);
        if let Some(rewritten) = rewritten {
            for (name, shown) in rewritten.names {
                *secrets = std::mem::take(secrets).showing(name, shown);
            }
            text = Some(rewritten.text.into());
        }
        if target.pull && !pull::frontend_can(target) {
            pull::pull(self.engine, target).await?;
        }
        let shared = self.contexts.share(self.engine, self.plan, index).await?;
        let mut outputs = outputs(target)?;
        let mut names = names(target);
        if let Some(name) = self.named.target_name(&target.name) {
            names.push(name);
            if !outputs.iter().any(Output::is_image) {
                outputs.push(Output::Image);
            }
        }
        Ok(Given {
            services: Services {
                files: FileSync {
                    context,
                    paths: shared
                        .as_ref()
                        .map_or_else(Vec::new, |shared| shared.paths.clone()),
                    dockerfile_path: target.dockerfile_path.clone(),
                    dockerfile_text: text,
                    sent_bytes: sent_bytes.clone(),
                },
                secrets: target.secrets.clone(),
                agents,
                auth: self.registry_auth.clone(),
                receiver: None,
            },
            shared_key: match &shared {
                Some(shared) => shared.key.clone(),
                None => shared_key(&target.context_dir, &target.name),
            },
            context: shared.map(|shared| shared.definition.clone()),
            remote: None,
            no_cache: self.options.no_cache || target.no_cache,
            outputs,
            names,
            pull: target.pull && pull::frontend_can(target),
            clock: self.clock,
        })
    }

    /// Takes the names away that only this build needed. An image that had no other is gone with it:
    /// if it was asked for, it is made again from the cache, which gives the same one.
    pub(super) async fn remove_names(&self, outcomes: &mut [TargetOutcome]) {
        self.named.remove_names(self.engine).await;
        for (index, (target, outcome)) in self.plan.targets.iter().zip(outcomes).enumerate() {
            let is_gone = self.named.target_name(&target.name).is_some()
                && names(target).is_empty()
                && outcome.image.is_some();
            if is_gone && !self.is_made_again(index, target).await {
                outcome.image = None;
            }
        }
    }

    async fn is_made_again(&self, index: usize, target: &Target) -> bool {
        let is_asked = outputs(target).is_ok_and(|all| all.iter().any(Output::is_image));
        if !is_asked || self.interrupt.is_raised() {
            return false;
        }
        // Its own files and those that it names are still offered, but nothing runs.
        let target = &Target {
            no_cache_stages: Vec::new(),
            pull: false,
            ..target.clone()
        };
        self.image_of_cache(index, target, &mut Secrets::default())
            .await
            .is_ok()
    }

    /// Makes an image without a name of what the cache holds, and says nothing of its steps. Names
    /// that only this build knows are added to `secrets`.
    pub(super) async fn image_of_cache(
        &self,
        index: usize,
        target: &Target,
        secrets: &mut Secrets,
    ) -> Result<Option<Image>, TargetError> {
        let agents = supplies::check(target)?;
        let context = self.contexts.read(index).await?;
        let counter = Arc::default();
        let given = self.given(index, target, agents, context, &counter, secrets);
        let given = Given {
            no_cache: false,
            names: Vec::new(),
            outputs: vec![Output::Image],
            ..given.await?
        };
        let mut steps = Steps::new(self.clock);
        let mut silent = |_: StepEvent<'_>| ();
        let built = solve::build(self.engine, target, &given, &mut steps, &mut silent).await?;
        Ok(built.image)
    }
}
