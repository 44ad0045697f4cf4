//! Where the build cache should be kept between CI runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, ReportData, SchemaVersion};

/// Body of a report written by `cache-optimizer ci`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CacheSetupData {
    /// How many bytes of layers, before compression, are taken to move in a second.
    pub bandwidth_bytes_per_s: u64,
    /// The targets of the newest build, in the build's order.
    pub targets: Vec<TargetCacheSetup>,
    /// The settings as text to paste. Empty when no target has a cache.
    pub snippets: Vec<CacheSnippet>,
}

impl ReportData for CacheSetupData {
    const KIND: &'static str = "cache-setup";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// What is recommended for one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetCacheSetup {
    /// The target's name.
    pub target: String,
    /// What is exported.
    pub mode: CacheExportMode,
    /// Why, in one sentence.
    pub reason: String,
    /// What the cache is called where several lie side by side.
    pub scope: String,
    /// How many builds of the target are known.
    pub build_count: u32,
    /// The part of the time of all steps that would be saved, by what the builds known were made from.
    /// `None` when fewer than two are known; a half is assumed then.
    pub reuse_ratio: Option<f64>,
    /// What exporting the layers of the image does.
    pub min: CacheBalance,
    /// What exporting the layers of all stages does.
    pub max: CacheBalance,
    /// Whether the sizes of all stages are known, so that `max.size_bytes` is not less than it is.
    pub are_sizes_known: bool,
    /// The steps with the most time to save, most first.
    pub steps: Vec<CacheStep>,
    /// The cache mounts, which no export takes along.
    pub cache_mounts: Vec<CacheMountUse>,
}

/// What is exported of a build cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CacheExportMode {
    /// Nothing.
    None,
    /// What is in the image, within the image.
    Inline,
    /// What is in the image.
    Min,
    /// The results of all stages.
    Max,
}

/// What a cache saves and costs in each run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CacheBalance {
    /// Bytes of the layers, before compression.
    pub size_bytes: u64,
    /// Milliseconds of steps that need not run, each weighed by how often it would be reused.
    pub saved_ms: u64,
    /// Milliseconds that the layers take on their way, to or from where the cache is kept.
    pub transfer_ms: u64,
}

/// A step that a cache could save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CacheStep {
    /// The stage's name, else `stage-N`.
    pub stage: String,
    /// The instruction as written.
    pub text: String,
    /// Whether its result is in the image.
    pub is_in_image: bool,
    /// Milliseconds that it took when it ran last.
    pub duration_ms: u64,
    /// In how many builds, of all but the first, it would have been reused.
    pub reused_count: u32,
}

/// A cache mount of a `RUN`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CacheMountUse {
    /// Where it is mounted.
    pub path: String,
    /// The instruction's place. `None` when the build report has none.
    pub location: Option<Location>,
}

/// Settings as text to paste.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CacheSnippet {
    /// Where it is pasted.
    pub place: SnippetPlace,
    /// The text.
    pub text: String,
}

/// Where a snippet is pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SnippetPlace {
    /// The steps of a job in GitHub Actions.
    GithubActions,
    /// `.gitlab-ci.yml`.
    GitlabCi,
    /// A shell.
    Shell,
}
