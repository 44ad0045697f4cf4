//! What patches of a Dockerfile were measured to save.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, ReportData, SchemaVersion};

/// Body of a report written by `cache-optimizer verify`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerificationData {
    /// How often each rebuild after a change was asked to be measured.
    pub run_count: u32,
    /// Milliseconds that measuring was allowed to take. `None` when it was not bounded.
    pub time_limit_ms: Option<u64>,
    /// Milliseconds that it took.
    pub duration_ms: u64,
    /// The Dockerfiles, in the order in which they were measured.
    pub dockerfiles: Vec<VerifiedDockerfile>,
}

impl ReportData for VerificationData {
    const KIND: &'static str = "verification";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// One Dockerfile as it is, and what became of its patches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedDockerfile {
    /// The Dockerfile, as it was given or as the build report has it.
    pub path: String,
    /// The build context.
    pub context_path: String,
    /// The stage that was built. `None` for the last one.
    pub stage: Option<String>,
    /// Milliseconds of each build in which every step ran.
    pub cold_ms: Vec<u64>,
    /// Milliseconds of a build of which everything was cached. `None` when there was no such build.
    pub warm_ms: Option<u64>,
    /// What differed between two builds of the unchanged Dockerfile, and so says nothing of a patch.
    /// `None` when they were not compared.
    pub noise: Option<ImageComparison>,
    /// Its patches, in the order of their lines.
    pub patches: Vec<VerifiedPatch>,
    /// Why the Dockerfile itself cannot be built. `None` when it can.
    pub error: Option<String>,
}

/// One patch, or several that were measured together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedPatch {
    /// What it was measured to be worth.
    pub verdict: PatchVerdict,
    /// The findings that it mends. Empty for a Dockerfile made by hand.
    pub mends: Vec<MendedFinding>,
    /// The Dockerfile made by hand. `None` for patches of rules.
    pub made_by_hand: Option<String>,
    /// The change as a unified diff.
    pub diff: String,
    /// Milliseconds that the rules expected each rebuild to save, from the times of the first cold
    /// build. `None` when they say nothing about time.
    pub expected_ms: Option<u64>,
    /// Milliseconds that it saved after the change for which it saved most; below 0 when it cost
    /// time. `None` when no change was measured.
    pub saved_ms: Option<i64>,
    /// Milliseconds of the build in which every step ran. `None` when it was not built.
    pub cold_ms: Option<u64>,
    /// Milliseconds of a build of which everything was cached. `None` when there was no such build.
    pub warm_ms: Option<u64>,
    /// The image against that of the unchanged Dockerfile. `None` when they were not compared.
    pub image: Option<ImageComparison>,
    /// Both Dockerfiles built again after each change.
    pub replays: Vec<Replay>,
    /// Why it does not build. `None` when it does.
    pub error: Option<String>,
    /// What was not measured for lack of time, in words.
    pub not_measured: Vec<String>,
}

/// What a patch is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PatchVerdict {
    /// The image is the same, and a rebuild took less time.
    Saves,
    /// The image is the same, and no rebuild took less time.
    SavesNothing,
    /// The image is another one.
    ImageDiffers,
    /// The patched Dockerfile does not build.
    DoesNotBuild,
    /// The time was over, or there was no change to measure.
    NotMeasured,
}

/// A finding whose patch was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MendedFinding {
    /// The rule.
    pub rule: String,
    /// Where it was found.
    pub location: Location,
}

/// How two images compare, times of files and the order of layers left out of account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageComparison {
    /// Whether a container sees the same files and settings.
    pub is_same: bool,
    /// What differs, at most `DIFFERENCES_MAX`, sorted.
    pub differences: Vec<ImageDifference>,
    /// How many more differences there are.
    pub omitted_count: u64,
}

/// One difference of two images.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ImageDifference {
    /// What it is that differs.
    pub kind: ImageDifferenceKind,
    /// The path in the image, or the name of the setting, such as `Env.PATH`.
    pub name: String,
    /// How it differs, in words.
    pub detail: String,
}

/// What can differ between two images.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ImageDifferenceKind {
    /// A file, folder or link.
    Path,
    /// A setting of the configuration.
    Setting,
}

/// How many differences of two images a verification report lists.
///
/// Chosen: enough to see what kind of files they are.
pub const DIFFERENCES_MAX: usize = 50;

/// Both Dockerfiles built again after one change of the context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replay {
    /// The change.
    pub change: ReplayedChange,
    /// The unchanged Dockerfile.
    pub original: Rebuilds,
    /// The patched one.
    pub patched: Rebuilds,
    /// The median of the original's times less that of the patched one's, in milliseconds. `None`
    /// when one of them was not measured.
    pub saved_ms: Option<i64>,
    /// The patched image against the original one after the same change. `None` when they were not
    /// compared.
    pub image: Option<ImageComparison>,
}

/// A change of the context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayedChange {
    /// Where it comes from.
    pub origin: ChangeOrigin,
    /// The files that were changed, as paths within the context, sorted.
    pub paths: Vec<String>,
}

/// Where a change comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ChangeOrigin {
    /// It was asked for.
    Given,
    /// A commit changed these files.
    Commit {
        /// Its digest, shortened.
        id: String,
        /// The first line of its message.
        subject: String,
    },
    /// Nothing was asked for: it is a file that the instruction of the finding copies.
    Chosen,
}

/// Builds of one Dockerfile after a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rebuilds {
    /// Milliseconds of each build, in order.
    pub runs_ms: Vec<u64>,
    /// Their median. `None` when there was no build.
    pub median_ms: Option<u64>,
    /// The steps that ran in the last of them, in the order of the Dockerfile.
    pub ran: Vec<RanStep>,
}

/// A step that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RanStep {
    /// The step as the builder prints it.
    pub name: String,
    /// The line of its instruction in the Dockerfile that was built. `None` when it is not known.
    pub line: Option<u32>,
    /// Milliseconds that it ran.
    pub duration_ms: u64,
}
