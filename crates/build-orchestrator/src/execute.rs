//! Builds targets on the BuildKit of an Engine.
//!
//! What a plan means is decided elsewhere, and so is what its outcome says: here it is only carried
//! out and recorded.

mod attempt;
pub(crate) mod capabilities;
mod client;
mod clock;
mod contexts;
pub(crate) mod event;
mod failure;
mod first_failure;
mod identity;
mod interrupt;
pub(crate) mod progress;
pub(crate) mod push;
mod redact;
mod registry_auth;
mod request;
mod schedule;
mod session;
mod solve;
mod status;

use common::engine::Engine;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::outcome::{
    BuildOutcome, Image, Status, TargetError, TargetErrorKind, TargetOutcome,
};
use crate::model::plan::{Plan, Target};
use crate::model::secrets::Secrets;
use attempt::Attempts;
use clock::Clock;
use contexts::Contexts;
use event::{Event, StepEvent, What};
use first_failure::FirstFailure;
use interrupt::Interrupt;
use registry_auth::RegistryAuth;
use session::file_sync::FileSync;

/// How to build.
#[derive(Clone, Debug)]
pub(crate) struct BuildOptions {
    /// How many targets may build at once, at least 1.
    pub(crate) parallel_max: usize,
    /// Whether every step runs again, whatever the cache holds.
    pub(crate) no_cache: bool,
    /// Whether the first failure ends the build.
    pub(crate) fail_fast: bool,
    /// How long a target may take. `None` means as long as it takes.
    pub(crate) timeout: Option<Duration>,
    /// How often a target, or a push, is tried again when its failure may pass.
    pub(crate) retries_max: u32,
    /// Whether the images of the targets asked for are pushed.
    pub(crate) push: bool,
    /// Targets that the builder cannot build as asked, by name, and why.
    pub(crate) unsupported: BTreeMap<String, String>,
}

/// Builds the targets of a plan, pushes their images, and tells `sink` what happens meanwhile.
///
/// A target that fails takes along those that depend on it and, unless it is asked for, no others.
/// Ctrl-C and SIGTERM end the build with what is known by then; a second one ends the process.
pub(crate) async fn build(
    engine: &Engine,
    plan: &Plan,
    options: &BuildOptions,
    sink: &dyn Fn(&Event<'_>),
) -> BuildOutcome {
    let build = Build {
        engine,
        options,
        sink,
        clock: Clock::start(),
        contexts: Contexts::new(plan),
        interrupt: Interrupt::listen(),
        first_failure: FirstFailure::new(),
        registry_auth: RegistryAuth::default(),
    };
    let dependencies = dependencies(plan);
    let mut targets = schedule::run(
        &dependencies,
        options.parallel_max,
        |index, dependency| build.skipped(&plan.targets[index], dependency),
        async |index| build.target(index, &plan.targets[index]).await,
    )
    .await;
    record_ready(&dependencies, &mut targets);
    let duration_ms = build.clock.now_ms();
    build.push(plan, &mut targets).await;
    let interrupted = build.interrupt.is_raised();
    build.record_contexts(plan, &mut targets).await;
    BuildOutcome {
        duration_ms,
        interrupted,
        targets,
    }
}

/// For each target the indexes of those that it depends on.
fn dependencies(plan: &Plan) -> Vec<Vec<usize>> {
    let index = |name: &String| plan.targets.iter().position(|target| target.name == *name);
    let targets = plan.targets.iter();
    targets
        .map(|target| target.depends_on.iter().filter_map(index).collect())
        .collect()
}

/// Writes down when each target could have started: when the last that it depends on was built.
fn record_ready(dependencies: &[Vec<usize>], outcomes: &mut [TargetOutcome]) {
    for (index, needed) in dependencies.iter().enumerate() {
        let ended = needed.iter().map(|&needed| {
            let outcome = &outcomes[needed];
            let is_built = outcome.status == Status::Built;
            is_built.then_some(outcome.started_ms? + outcome.duration_ms?)
        });
        let ended: Option<Vec<u64>> = ended.collect();
        outcomes[index].ready_ms = ended.map(|ended| ended.into_iter().max().unwrap_or(0));
    }
}

struct Build<'a> {
    engine: &'a Engine,
    options: &'a BuildOptions,
    sink: &'a dyn Fn(&Event<'_>),
    clock: Clock,
    contexts: Contexts,
    interrupt: Interrupt,
    first_failure: FirstFailure,
    registry_auth: RegistryAuth,
}

impl Build<'_> {
    async fn target(&self, index: usize, target: &Target) -> TargetOutcome {
        let mut outcome = TargetOutcome::not_started(Status::Cancelled);
        if let Some(error) = self.first_failure.error() {
            outcome.error = Some(error);
        } else if let Some(message) = self.options.unsupported.get(&target.name) {
            outcome.status = Status::Failed;
            outcome.error = Some(TargetError {
                kind: TargetErrorKind::Unsupported,
                message: message.clone(),
            });
        } else if !self.interrupt.is_raised() {
            self.tell(target, What::Started);
            self.run(index, target, &mut outcome).await;
        }
        if let (Status::Failed, Some(error)) = (outcome.status, &outcome.error)
            && self.options.fail_fast
        {
            self.first_failure.raise(&target.name, error.kind);
        }
        self.tell(target, What::Finished(&outcome));
        outcome
    }

    async fn run(&self, index: usize, target: &Target, outcome: &mut TargetOutcome) {
        let started_ms = self.clock.now_ms();
        let secrets = Secrets::of(&target.build_args);
        let mut attempts = Attempts::new(self.clock);
        let (status, result) = tokio::select! {
            () = self.interrupt.raised() => (Status::Cancelled, Ok(None)),
            error = self.first_failure.raised() => (Status::Cancelled, Err(error)),
            error = self.time_is_up() => (Status::Failed, Err(error)),
            result = self.attempts(index, target, &secrets, &mut attempts, outcome) => match result {
                Ok(image) => (Status::Built, Ok(Some(image))),
                Err(error) => (Status::Failed, Err(error)),
            },
        };
        let ended_ms = self.clock.now_ms();
        outcome.status = status;
        outcome.started_ms = Some(started_ms);
        outcome.duration_ms = Some(ended_ms - started_ms);
        outcome.attempt_count = attempts.count;
        let (vertexes, sent_bytes) = attempts.finish(ended_ms);
        outcome.sent_bytes = sent_bytes;
        let vertexes = vertexes.into_iter();
        outcome.vertexes = vertexes
            .map(|vertex| redact::vertex(&secrets, vertex))
            .collect();
        match result {
            Ok(image) => outcome.image = image,
            Err(error) => outcome.error = Some(redact::error(&secrets, &error)),
        }
    }

    /// Tries a target until it is built, or fails in a way that does not pass.
    async fn attempts(
        &self,
        index: usize,
        target: &Target,
        secrets: &Secrets,
        attempts: &mut Attempts,
        outcome: &mut TargetOutcome,
    ) -> Result<Image, TargetError> {
        loop {
            attempts.next();
            let result = self
                .attempt(index, target, secrets, attempts, outcome)
                .await;
            self.tell_warnings(target);
            match result {
                Err(error)
                    if error.kind == TargetErrorKind::Transient
                        && attempts.count <= self.options.retries_max =>
                {
                    let error = redact::error(secrets, &error);
                    self.wait_to_retry(target, &error, attempts.count).await;
                }
                result => return result,
            }
        }
    }

    async fn attempt(
        &self,
        index: usize,
        target: &Target,
        secrets: &Secrets,
        attempts: &mut Attempts,
        outcome: &mut TargetOutcome,
    ) -> Result<Image, TargetError> {
        let files = FileSync {
            context: self.contexts.read(index).await?,
            dockerfile_path: target.dockerfile_path.clone(),
            sent_bytes: attempts.sent_bytes.clone(),
        };
        outcome.context = Some(files.context.clone());
        let mut tell = |event: StepEvent<'_>| {
            redact::tell(secrets, event, |event| {
                self.tell(target, What::Step(event));
            });
        };
        solve::build(
            self.engine,
            target,
            self.options,
            files,
            &self.registry_auth,
            &mut attempts.steps,
            &mut tell,
        )
        .await
    }

    /// Waits until a target that starts now has taken too long, and says so.
    async fn time_is_up(&self) -> TargetError {
        let Some(timeout) = self.options.timeout else {
            return std::future::pending().await;
        };
        tokio::time::sleep(timeout).await;
        TargetError {
            kind: TargetErrorKind::Timeout,
            message: format!("it took longer than the {timeout:?} of `--timeout`"),
        }
    }

    /// What becomes of a target because of one that it depends on.
    fn skipped(&self, target: &Target, dependency: &TargetOutcome) -> Option<TargetOutcome> {
        let outcome = match dependency.status {
            Status::Built => return None,
            Status::Cancelled => TargetOutcome {
                error: dependency.error.clone(),
                ..TargetOutcome::not_started(Status::Cancelled)
            },
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

    /// Tells what was wrong with the credentials that were asked for meanwhile.
    fn tell_warnings(&self, target: &Target) {
        for warning in self.registry_auth.take_warnings() {
            self.tell(target, What::Warning(&warning));
        }
    }

    fn tell(&self, target: &Target, what: What<'_>) {
        (self.sink)(&Event {
            target: &target.name,
            what,
        });
    }
}
