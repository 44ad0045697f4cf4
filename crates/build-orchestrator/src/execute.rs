//! Builds targets on the BuildKit of an Engine.
//!
//! What a plan means is decided elsewhere, and so is what its outcome says: here it is only carried
//! out and recorded.

mod client;
mod clock;
mod contexts;
mod event;
mod identity;
mod interrupt;
mod progress;
mod schedule;
mod session;
mod solve;
mod status;

use common::engine::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::outcome::{
    BuildOutcome, Image, Status, TargetError, TargetErrorKind, TargetOutcome,
};
use crate::model::plan::{Plan, Target};
use clock::Clock;
use contexts::Contexts;
use interrupt::Interrupt;
use status::Steps;

pub(crate) use event::{Event, StepEvent, StepProgress, What};
pub(crate) use progress::Progress;

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
        async |index| build.target(&plan.targets[index]).await,
    )
    .await;
    let duration_ms = build.clock.now_ms();
    let interrupted = build.interrupt.is_raised();
    if interrupted {
        build.contexts.give_up();
    }
    let mut contexts = build.contexts.hashed().await;
    for (target, outcome) in plan.targets.iter().zip(&mut targets) {
        if let Some(hashed) = contexts.remove(&target.name) {
            for error in &hashed.errors {
                warn(
                    sink,
                    target,
                    &format!("failed to read a file of the build context: {error}"),
                );
            }
            outcome.context = outcome.context.is_some().then_some(hashed.scan);
        }
    }
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
    async fn target(&self, target: &Target) -> TargetOutcome {
        let mut outcome = not_started(Status::Cancelled);
        if !self.interrupt.is_raised() {
            self.tell(target, What::Started);
            self.run(target, &mut outcome).await;
        }
        self.tell(target, What::Finished(&outcome));
        outcome
    }

    async fn run(&self, target: &Target, outcome: &mut TargetOutcome) {
        let started_ms = self.clock.now_ms();
        let sent_bytes = Arc::new(AtomicU64::new(0));
        let mut steps = Steps::new(self.clock);
        let result = tokio::select! {
            () = self.interrupt.raised() => None,
            result = self.solve(target, outcome, &sent_bytes, &mut steps) => Some(result),
        };
        let ended_ms = self.clock.now_ms();
        outcome.started_ms = Some(started_ms);
        outcome.duration_ms = Some(ended_ms - started_ms);
        outcome.sent_bytes = sent_bytes.load(Ordering::Relaxed);
        outcome.vertexes = steps.finish(ended_ms);
        match result {
            None => outcome.status = Status::Cancelled,
            Some(Ok(image)) => {
                outcome.status = Status::Built;
                outcome.image = Some(image);
            }
            Some(Err(error)) => {
                outcome.status = Status::Failed;
                outcome.error = Some(error);
            }
        }
    }

    async fn solve(
        &self,
        target: &Target,
        outcome: &mut TargetOutcome,
        sent_bytes: &Arc<AtomicU64>,
        steps: &mut Steps,
    ) -> Result<Image, TargetError> {
        let context = self.contexts.read(target).await?;
        outcome.context = Some(context.clone());
        for path in &context.skipped {
            let message = format!("`{path}` is left out of the build context: it is no file");
            warn(self.sink, target, &message);
        }
        let mut tell = |event: StepEvent<'_>| self.tell(target, What::Step(event));
        let files = session::FileSync {
            context,
            dockerfile_path: target.dockerfile_path.clone(),
            sent_bytes: sent_bytes.clone(),
        };
        solve::build(self.engine, target, self.options, files, steps, &mut tell).await
    }

    /// What becomes of a target because of one that it depends on.
    fn skipped(&self, target: &Target, dependency: &TargetOutcome) -> Option<TargetOutcome> {
        let outcome = match dependency.status {
            Status::Built => return None,
            Status::Cancelled => not_started(Status::Cancelled),
            Status::Failed | Status::Skipped => TargetOutcome {
                error: Some(TargetError {
                    kind: dependency
                        .error
                        .as_ref()
                        .map_or(TargetErrorKind::Build, |error| error.kind),
                    message: "a target that it depends on was not built".to_owned(),
                }),
                ..not_started(Status::Skipped)
            },
        };
        self.tell(target, What::Finished(&outcome));
        Some(outcome)
    }

    fn tell(&self, target: &Target, what: What<'_>) {
        let target = &target.name;
        (self.sink)(&Event { target, what });
    }
}

fn warn(sink: &dyn Fn(&Event<'_>), target: &Target, message: &str) {
    let what = What::Warning(message);
    sink(&Event {
        target: &target.name,
        what,
    });
}

fn not_started(status: Status) -> TargetOutcome {
    TargetOutcome {
        status,
        started_ms: None,
        duration_ms: None,
        image: None,
        sent_bytes: 0,
        context: None,
        vertexes: Vec::new(),
        error: None,
    }
}
