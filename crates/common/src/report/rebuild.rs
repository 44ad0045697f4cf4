//! What a change of a file would make run again, and for how long.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, ReportData, SchemaVersion};

/// Body of a report written by `cache-optimizer predict`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RebuildData {
    /// The id of the build report that the prediction goes out from.
    pub report: String,
    /// The ids of the earlier build reports that times were also taken from, oldest first.
    pub history: Vec<String>,
    /// Milliseconds of wall time that the build takes when nothing runs.
    pub overhead_ms: u64,
    /// The paths that were asked about.
    pub changed: Vec<ChangedPath>,
    /// What a change of all those paths would take. `None` when none was asked about.
    pub rebuild: Option<Rebuild>,
    /// What the commits of the past would take. `None` when there are none.
    pub commits: Option<CommitCosts>,
    /// Why the commits of the past are not known. `None` when they are.
    pub no_commits_because: Option<String>,
}

impl ReportData for RebuildData {
    const KIND: &'static str = "rebuild";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// A path that was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedPath {
    /// The path, as it was given.
    pub path: String,
    /// What a change of it does.
    pub effect: PathEffect,
    /// Ids of the steps that take it, sorted.
    pub steps: Vec<String>,
}

/// What a change of a path does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PathEffect {
    /// Steps take it.
    Taken,
    /// It is in a build context, and no step takes it.
    Unused,
    /// Ignore files leave it out of each build context that it lies in.
    Ignored,
    /// It is a Dockerfile or an ignore file: what an edit of it does depends on the edit.
    Recipe,
}

/// A build after a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rebuild {
    /// Milliseconds of wall time, if the steps run that certainly or probably do. Without the steps
    /// whose time is not known.
    pub predicted_ms: u64,
    /// Milliseconds of wall time, if only the steps run that certainly do.
    pub certain_ms: u64,
    /// Milliseconds of the steps that certainly or probably run, one after another.
    pub step_ms: u64,
    /// How many of the steps that would run have no known time.
    pub unknown_count: u32,
    /// The targets, in the plan's order.
    pub targets: Vec<TargetRebuild>,
}

/// One target after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetRebuild {
    /// The target's name.
    pub target: String,
    /// Milliseconds from the build's start to the target's end, as `Rebuild::predicted_ms` counts.
    pub ended_ms: u64,
    /// The steps that would run, in the order of the build report.
    pub steps: Vec<RebuiltStep>,
}

/// A step that would run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RebuiltStep {
    /// The step's id in the build report.
    pub step: String,
    /// The step as the builder prints it.
    pub name: String,
    /// The instruction's place in the Dockerfile. `None` when the build report has none.
    pub location: Option<Location>,
    /// How sure it is.
    pub likelihood: Likelihood,
    /// Why it would run. The first cause that is certain, else the first.
    pub cause: RebuildCause,
    /// The step of another target that does the work. `None` when this one does.
    pub shared_with: Option<String>,
    /// Milliseconds that it took the last time it ran. `None` when that is not known.
    pub duration_ms: Option<u64>,
    /// The id of the build report that says so. `None` when none does.
    pub measured_in: Option<String>,
}

/// How sure it is that a step runs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Likelihood {
    /// Its cache key changes.
    Certain,
    /// It depends on what another step writes, which past builds either do not tell of, or say that
    /// it mostly changes.
    Probable,
    /// It depends on what another step writes, which in past builds mostly stayed the same.
    Improbable,
}

/// Why a step would run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RebuildCause {
    /// It takes changed files.
    FilesChanged {
        /// Those of the changed paths that it takes, within its build context, sorted.
        paths: Vec<String>,
    },
    /// It builds on a step that runs.
    DependencyRan {
        /// That step's id.
        step: String,
    },
    /// It takes files that a step writes which runs: only if those change does it run too.
    FilesOfStep {
        /// That step's id.
        step: String,
        /// In how many of the past builds in which the step ran this one ran for it.
        ran_count: u32,
        /// In how many of them it came from the cache.
        hit_count: u32,
    },
}

/// What the commits of the past would take, each built on the one before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CommitCosts {
    /// The commits that were considered: the last ones that touched a build context. Merges count as
    /// one commit of what they bring.
    pub commit_count: u32,
    /// How many of them make a step run.
    pub rebuild_count: u32,
    /// How many commits were asked for.
    pub commits_max: u32,
    /// Whether the repository has only the last part of its history.
    pub is_shallow: bool,
    /// The oldest of the commits.
    pub first_commit: String,
    /// The newest of the commits.
    pub last_commit: String,
    /// Milliseconds of wall time per commit: the mean over all of them.
    pub expected_ms: u64,
    /// Milliseconds of steps per commit: the mean over all of them.
    pub expected_step_ms: u64,
    /// Ids of the steps that would run in some commit and whose time is not known, sorted.
    pub unknown_steps: Vec<String>,
    /// The files whose changes make steps run, most expensive first.
    pub files: Vec<FileCost>,
    /// The steps that would run, most expensive first. A step that several targets share is the one
    /// of the first target.
    pub steps: Vec<StepCost>,
    /// How many of the commits touch a Dockerfile or an ignore file, whose edits are left out.
    pub recipe_commit_count: u32,
}

/// What the changes of a file cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileCost {
    /// The path, as `--if-changed` takes it.
    pub path: String,
    /// How many of the commits touch it.
    pub commit_count: u32,
    /// Milliseconds of the steps that it made run in all commits together. Where several files make a
    /// step run, each has an equal part of it.
    pub step_ms: u64,
}

/// What running a step again costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepCost {
    /// The step's id in the build report.
    pub step: String,
    /// The step as the builder prints it.
    pub name: String,
    /// The instruction's place in the Dockerfile. `None` when the build report has none.
    pub location: Option<Location>,
    /// In how many of the commits it would certainly run.
    pub certain_count: u32,
    /// In how many more it might.
    pub possible_count: u32,
    /// Milliseconds that it took the last time it ran. `None` when that is not known.
    pub duration_ms: Option<u64>,
    /// Milliseconds in all commits together, counting those in which it certainly or probably runs.
    pub step_ms: u64,
}
