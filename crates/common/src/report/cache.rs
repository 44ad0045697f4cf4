//! Which steps missed the cache, why, and what that cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, ReportData, SchemaVersion};

/// Body of a cache report, written by `cache-optimizer analyze`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CacheData {
    /// The id of the earlier build report that causes were sought in. `None` when there was none.
    pub baseline: Option<String>,
    /// How the cache did, target by target, in the build's order.
    pub targets: Vec<TargetCache>,
    /// The steps that ran, most expensive first.
    pub misses: Vec<Miss>,
    /// The steps that came from the cache although files that they copy changed in a way that the
    /// builder cannot see. Since 1.1.
    #[serde(default)]
    pub suspicious_hits: Vec<SuspiciousHit>,
    /// What mending the findings of rules takes, in the order of the Dockerfiles and their lines.
    /// Since 1.1.
    #[serde(default)]
    pub advice: Vec<Advice>,
}

impl ReportData for CacheData {
    const KIND: &'static str = "cache";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 1 };
}

/// How the cache did in one target. Counts instruction steps only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetCache {
    /// The target's name.
    pub target: String,
    /// Steps that came from the cache.
    pub hit_count: u32,
    /// Steps that ran.
    pub miss_count: u32,
    /// `hit_count / (hit_count + miss_count)`. `None` when no step did either.
    pub hit_ratio: Option<f64>,
    /// Milliseconds of the steps that ran.
    pub missed_ms: u64,
}

/// A step that ran instead of coming from the cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Miss {
    /// The step's id in the build report.
    pub step: String,
    /// The step as the builder prints it.
    pub name: String,
    /// The instruction's place in the Dockerfile. `None` when the build report has none.
    pub location: Option<Location>,
    /// Milliseconds that the step ran.
    pub duration_ms: u64,
    /// Why it ran.
    pub cause: MissCause,
}

/// Why a step ran. The first cause in its cache key; never a guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum MissCause {
    /// The cache was switched off.
    NoCache,
    /// The earlier build did not have this step: the instruction or its stage is new or edited.
    InstructionChanged {
        /// The instruction that it seems to have been. `None` when it is new or stands elsewhere.
        /// Since 1.1.
        #[serde(default)]
        before: Option<String>,
    },
    /// Files that the step copies changed.
    FilesChanged {
        /// The changes, by path. Empty when a build report lists too many files to name them.
        changes: Vec<ContextChange>,
    },
    /// A build argument of the target changed.
    ArgChanged {
        /// The argument's name.
        name: String,
        /// Its value in the earlier build. `None` when it was not given.
        before: Option<String>,
        /// Its value in this build. `None` when it was not given.
        after: Option<String>,
    },
    /// A variable that `ENV` sets, as the step sees it, changed. Since 1.1.
    EnvChanged {
        /// The variable's name.
        name: String,
        /// Its value in the earlier build. `None` when it was not set.
        before: Option<String>,
        /// Its value in this build. `None` when it is not set any more.
        after: Option<String>,
    },
    /// The image that the stage starts from is another one. Since 1.1.
    BaseChanged {
        /// The image, as the Dockerfile names it.
        image: String,
        /// Its digest in the earlier build.
        before: String,
        /// Its digest in this build.
        after: String,
    },
    /// How the step is run changed. Since 1.1.
    SettingChanged {
        /// What it is: `platform`, `network`, `hosts`, `user` or `shell`.
        name: String,
        /// What it was in the earlier build. `None` when it was not set.
        before: Option<String>,
        /// What it is in this build. `None` when it is not set any more.
        after: Option<String>,
    },
    /// All that decides the key is as it was: the builder does not have the result any more, because
    /// its cache was pruned, or because it is another builder.
    /// Since 1.1.
    Evicted,
    /// A step that this one builds on ran.
    DependencyRan {
        /// That step's id.
        step: String,
    },
    /// The evidence does not settle it.
    Unknown {
        /// What would have to be known.
        missing: String,
    },
}

/// A step that came from the cache, and perhaps should not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuspiciousHit {
    /// The step's id in the build report.
    pub step: String,
    /// The step as the builder prints it.
    pub name: String,
    /// The instruction's place in the Dockerfile. `None` when the build report has none.
    pub location: Option<Location>,
    /// The changes that the builder did not see.
    pub changes: Vec<ContextChange>,
    /// Why it did not.
    pub reason: SuspicionReason,
}

/// Why a builder does not see that a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuspicionReason {
    /// The bytes are others, but size and time of last change are as they were, and the builder asks
    /// for no file whose both are as it knows them. Source: moby/buildkit#4817.
    SameSizeAndTime,
    /// The permission bits of a folder are others, which the builder does not look at.
    /// Source: moby/buildkit#7176.
    FolderMode,
}

/// What mending one finding takes. `rule`, `location` and the finding's own are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    /// The rule that made the finding.
    pub rule: String,
    /// Where the finding is.
    pub location: Location,
    /// How sure it is that mending it is safe and helps.
    pub confidence: Confidence,
    /// The change as a unified diff whose paths can be opened from the working directory. `None` when
    /// there is none to offer.
    pub diff: Option<String>,
    /// Why no change is offered. `None` when one is, or when the rule never has any.
    pub no_diff_because: Option<String>,
}

/// How sure advice is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// It follows from what the builder documents, or was measured.
    Certain,
    /// It holds for projects that keep to the tool's conventions.
    Likely,
    /// It depends on what is not known here.
    Possible,
}

/// One file that differs between two builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextChange {
    /// The path within the build context.
    pub path: String,
    /// What happened to it.
    pub change: ContextChangeKind,
}

/// What can happen to a file between two builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContextChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its content differs.
    Content,
    /// Its permission bits differ, its content does not.
    Mode,
}
