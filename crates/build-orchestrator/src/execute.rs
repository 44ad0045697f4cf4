//! Builds targets on the BuildKit of an Engine.
//!
//! What a plan means is decided elsewhere, and so is what its outcome says: here it is only carried
//! out and recorded.

mod client;
mod clock;
mod contexts;
pub(crate) mod event;
mod identity;
mod interrupt;
pub(crate) mod monitor;
pub(crate) mod progress;
mod redact;
mod schedule;
mod session;
mod solve;
mod status;
pub(crate) mod watch;

use common::engine::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::outcome::{BuildOutcome, Status, TargetError, TargetErrorKind, TargetOutcome};
use crate::model::plan::{Plan, Target};
use crate::model::secrets::Secrets;
use clock::Clock;
use contexts::Contexts;
use event::{Event, StepEvent, What};
use interrupt::Interrupt;
use session::file_sync::FileSync;
use status::Steps;

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
    let build = Build {
        engine,
        options,
        sink,
        clock: Clock::start(),
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

struct Build<'a> {
    engine: &'a Engine,
    options: &'a BuildOptions,
    sink: &'a dyn Fn(&Event<'_>),
    clock: Clock,
    contexts: Contexts,
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
        let secrets = Secrets::of(&target.build_args);
        let mut steps = Steps::new(self.clock);
        let solve = async {
            let files = FileSync {
                context: self.contexts.read(index).await?,
                dockerfile_path: target.dockerfile_path.clone(),
                sent_bytes: sent_bytes.clone(),
            };
            outcome.context = Some(files.context.clone());
            let mut tell = |event: StepEvent<'_>| {
                redact::tell(&secrets, event, |event| {
                    self.tell(target, What::Step(event));
                });
            };
            solve::build(
                self.engine,
                target,
                self.options,
                files,
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
        outcome.sent_bytes = sent_bytes.load(Ordering::Relaxed);
        let vertexes = steps.finish(ended_ms).into_iter();
        outcome.vertexes = vertexes
            .map(|vertex| redact::vertex(&secrets, vertex))
            .collect();
        match result {
            None => outcome.status = Status::Cancelled,
            Some(Ok(image)) => {
                outcome.status = Status::Built;
                outcome.image = Some(image);
            }
            Some(Err(error)) => {
                outcome.status = Status::Failed;
                outcome.error = Some(redact::error(&secrets, &error));
            }
        }
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
