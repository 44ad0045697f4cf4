//! Builds targets on the BuildKit of an Engine.
//!
//! What a plan means is decided elsewhere, and so is what its outcome says: here it is only carried
//! out and recorded.

mod bases;
mod client;
mod clock;
mod contexts;
pub(crate) mod event;
mod identity;
mod interrupt;
mod named;
mod outputs;
pub(crate) mod progress;
mod pull;
mod redact;
mod request;
mod rewrite;
mod schedule;
mod session;
mod shared;
mod solve;
mod status;
mod supplies;
mod whole_file;

use common::engine::Engine;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::context::ContextScan;
use crate::model::outcome::{BuildOutcome, Status, TargetError, TargetErrorKind, TargetOutcome};
use crate::model::plan::{Plan, Target};
use crate::model::secrets::Secrets;
use clock::Clock;
use contexts::Contexts;
use event::{Event, StepEvent, What};
use identity::shared_key;
use interrupt::Interrupt;
use named::Named;
use outputs::{Output, names, outputs};
use request::Given;
use session::Services;
use session::file_sync::FileSync;
use status::Steps;
use supplies::hidden;

/// How to build.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuildOptions {
    /// How many targets may build at once, at least 1.
    pub(crate) parallel_max: usize,
    /// Whether every step runs again, whatever the cache holds.
    pub(crate) no_cache: bool,
}

/// Builds the targets of a plan, and tells `sink` what happens meanwhile.
///
/// A target that fails takes along those that depend on it and no others. Ctrl-C and SIGTERM end
/// the build with what is known by then; a second one ends the process.
pub(crate) async fn build(
    engine: &Engine,
    plan: &Plan,
    options: &BuildOptions,
    sink: &dyn Fn(&Event<'_>),
) -> BuildOutcome {
    let clock = Clock::start();
    let build = Build {
        engine,
        plan,
        options,
        sink,
        clock,
        named: Named::new(plan, clock),
        contexts: Contexts::new(plan),
        interrupt: Interrupt::listen(),
    };
    let mut targets = schedule::run(
        &dependencies(plan),
        options.parallel_max,
        |index, dependency| build.skipped(&plan.targets[index], dependency),
        async |index| build.target(index, &plan.targets[index]).await,
    )
    .await;
    let duration_ms = build.clock.now_ms();
    build.remove_names(&mut targets).await;
    let interrupted = build.interrupt.is_raised();
    bases::record(engine, &mut targets).await;
    build.record_contexts(plan, &mut targets).await;
    BuildOutcome {
        duration_ms,
        interrupted,
        targets,
    }
}

/// Looks for what the targets need from outside their files, before anything is built.
///
/// # Errors
///
/// A secret or an ssh agent is not there, or an output has no place; the error names the target.
pub(crate) fn check(plan: &Plan) -> Result<(), String> {
    for target in &plan.targets {
        let supplies = supplies::check(target).map_err(TargetError::from);
        let error = supplies.err().or_else(|| outputs(target).err());
        // What the Engine cannot do is for it to say, as a target's failure.
        if let Some(error) = error.filter(|error| error.kind == TargetErrorKind::Build) {
            return Err(format!("target `{}`: {}", target.name, error.message));
        }
    }
    Ok(())
}

/// For each target the indexes of those that it depends on.
fn dependencies(plan: &Plan) -> Vec<Vec<usize>> {
    let index = |name: &String| plan.targets.iter().position(|target| target.name == *name);
    let targets = plan.targets.iter();
    targets
        .map(|target| target.depends_on.iter().filter_map(index).collect())
        .collect()
}

struct Build<'a> {
    engine: &'a Engine,
    plan: &'a Plan,
    options: &'a BuildOptions,
    sink: &'a dyn Fn(&Event<'_>),
    clock: Clock,
    contexts: Contexts,
    named: Named,
    interrupt: Interrupt,
}

impl Build<'_> {
    async fn target(&self, index: usize, target: &Target) -> TargetOutcome {
        let mut outcome = TargetOutcome::not_started(Status::Cancelled);
        if !self.interrupt.is_raised() {
            self.tell(target, What::Started);
            self.run(index, target, &mut outcome).await;
        }
        self.tell(target, What::Finished(&outcome));
        outcome
    }

    async fn run(&self, index: usize, target: &Target, outcome: &mut TargetOutcome) {
        let started_ms = self.clock.now_ms();
        let sent_bytes = Arc::new(AtomicU64::new(0));
        let mut secrets = hidden(target);
        let mut steps = Steps::new(self.clock);
        let solve = async {
            let agents = supplies::check(target)?;
            let context = self.contexts.read(index).await?;
            outcome.context = Some(context.clone());
            let given = self.given(index, target, agents, context, &sent_bytes, &mut secrets);
            let given = given.await?;
            let mut tell = |event: StepEvent<'_>| {
                redact::tell(&secrets, event, |event| {
                    self.tell(target, What::Step(event));
                });
            };
            solve::build(
                self.engine,
                target,
                self.options,
                &given,
                &mut steps,
                &mut tell,
            )
            .await
        };
        let result = tokio::select! {
            () = self.interrupt.raised() => None,
            result = solve => Some(result),
        };
        let ended_ms = self.clock.now_ms();
        outcome.started_ms = Some(started_ms);
        outcome.duration_ms = Some(ended_ms - started_ms);
        outcome.sent_bytes = sent_bytes.load(Ordering::Relaxed)
            + self.named.take_sent_bytes()
            + self.contexts.take_sent_bytes(index).await;
        let warnings = steps.take_warnings();
        let warnings = warnings.iter();
        outcome.warnings = warnings
            .map(|warning| redact::warning(&secrets, warning))
            .collect();
        let vertexes = steps.finish(ended_ms).into_iter();
        outcome.vertexes = vertexes
            .map(|vertex| redact::vertex(&secrets, vertex))
            .collect();
        match result {
            None => outcome.status = Status::Cancelled,
            Some(Ok(built)) => {
                outcome.status = Status::Built;
                outcome.image = built.image;
                outcome.exported = built.exported;
            }
            Some(Err(error)) => {
                outcome.status = Status::Failed;
                outcome.error = Some(redact::error(&secrets, &error));
            }
        }
    }

    /// What a target's build is given. Names that only this build knows are added to `secrets`.
    async fn given(
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
                receiver: None,
            },
            shared_key: match &shared {
                Some(shared) => shared.key.clone(),
                None => shared_key(&target.context_dir, &target.name),
            },
            context: shared.map(|shared| shared.definition.clone()),
            remote: None,
            outputs,
            names,
            pull: target.pull && pull::frontend_can(target),
            clock: self.clock,
        })
    }

    /// Takes the names away that only this build needed. An image that had no other is gone with it:
    /// if it was asked for, it is made again from the cache, which gives the same one.
    async fn remove_names(&self, outcomes: &mut [TargetOutcome]) {
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
            no_cache: false,
            no_cache_stages: Vec::new(),
            pull: false,
            ..target.clone()
        };
        let options = BuildOptions {
            no_cache: false,
            ..*self.options
        };
        let made = async {
            let agents = supplies::check(target)?;
            let context = self.contexts.read(index).await?;
            let counter = Arc::default();
            let mut hidden = Secrets::default();
            let given = self.given(index, target, agents, context, &counter, &mut hidden);
            let given = Given {
                names: Vec::new(),
                outputs: vec![Output::Image],
                ..given.await?
            };
            let mut steps = Steps::new(self.clock);
            let mut silent = |_: StepEvent<'_>| ();
            solve::build(
                self.engine,
                target,
                &options,
                &given,
                &mut steps,
                &mut silent,
            )
            .await
        };
        made.await.is_ok()
    }

    /// What becomes of a target because of one that it depends on.
    fn skipped(&self, target: &Target, dependency: &TargetOutcome) -> Option<TargetOutcome> {
        let outcome = match dependency.status {
            Status::Built => return None,
            Status::Cancelled => TargetOutcome::not_started(Status::Cancelled),
            Status::Failed | Status::Skipped => TargetOutcome {
                error: Some(TargetError {
                    kind: dependency
                        .error
                        .as_ref()
                        .map_or(TargetErrorKind::Build, |error| error.kind),
                    message: "a target that it depends on was not built".to_owned(),
                }),
                ..TargetOutcome::not_started(Status::Skipped)
            },
        };
        self.tell(target, What::Finished(&outcome));
        Some(outcome)
    }

    /// Puts the digests of files into what is known of the contexts.
    async fn record_contexts(self, plan: &Plan, outcomes: &mut [TargetOutcome]) {
        if self.interrupt.is_raised() {
            self.contexts.give_up();
        }
        let contexts = self.contexts.hashed().await;
        let targets = plan.targets.iter().zip(outcomes).zip(contexts);
        for ((target, outcome), context) in targets {
            let Some(context) = context else { continue };
            for warning in &context.warnings {
                let what = What::Warning(warning);
                (self.sink)(&Event {
                    target: &target.name,
                    what,
                });
            }
            if outcome.context.is_some() {
                outcome.context = Some(context.scan);
            }
        }
    }

    fn tell(&self, target: &Target, what: What<'_>) {
        (self.sink)(&Event {
            target: &target.name,
            what,
        });
    }
}
