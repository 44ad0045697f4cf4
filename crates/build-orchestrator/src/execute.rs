//! Builds targets on the BuildKit of an Engine.
//!
//! What a plan means is decided elsewhere, and so is what its outcome says: here it is only carried
//! out and recorded.

pub(crate) mod artifacts;
mod attempt;
mod bases;
pub(crate) mod capabilities;
mod client;
mod clock;
mod container;
mod contexts;
pub(crate) mod event;
pub(crate) mod examine;
mod failure;
mod first_failure;
mod given;
mod identity;
mod interrupt;
pub(crate) mod monitor;
mod named;
mod outputs;
pub(crate) mod progress;
mod pull;
pub(crate) mod push;
mod redact;
mod registry_auth;
mod request;
mod rewrite;
mod schedule;
mod session;
mod shared;
mod solve;
mod stage_images;
mod start_check;
mod status;
mod supplies;
mod target;
pub(crate) mod watch;
pub(crate) mod whole_file;

use common::engine::Engine;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::outcome::{BuildOutcome, Status, TargetError, TargetErrorKind, TargetOutcome};
use crate::model::plan::{Plan, Target};
use clock::Clock;
use contexts::Contexts;
use event::{Event, What};
use first_failure::FirstFailure;
use interrupt::Interrupt;
use named::Named;
use outputs::outputs;
use registry_auth::RegistryAuth;

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
    /// The stages that are kept as images of their own, by target and by position.
    pub(crate) stage_images: BTreeMap<String, Vec<usize>>,
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
    let clock = Clock::start();
    let build = Build {
        engine,
        options,
        sink,
        plan,
        clock,
        named: Named::new(plan, clock),
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
    build.keep_stages(&mut targets).await;
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
    plan: &'a Plan,
    options: &'a BuildOptions,
    sink: &'a dyn Fn(&Event<'_>),
    clock: Clock,
    contexts: Contexts,
    named: Named,
    interrupt: Interrupt,
    first_failure: FirstFailure,
    registry_auth: RegistryAuth,
}

impl Build<'_> {
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
