//! Builds as far as a cache between CI runs is concerned.

use std::collections::{BTreeMap, BTreeSet};

use super::build_cache::StepName;

/// One target of the newest build, and what earlier builds say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CiTarget {
    /// The target's name.
    pub(crate) name: String,
    /// The names that the image gets.
    pub(crate) tags: Vec<String>,
    /// The stage asked for. `None` for the last one.
    pub(crate) stage: Option<String>,
    /// The platform asked for. `None` leaves it to the builder.
    pub(crate) platform: Option<String>,
    /// The folder that is sent to the builder.
    pub(crate) context_dir: String,
    /// The Dockerfile, as a path from the working directory.
    pub(crate) dockerfile_path: String,
    /// Bytes of the image's layers. `None` when none was made.
    pub(crate) image_bytes: Option<u64>,
    /// Its instructions.
    pub(crate) steps: Vec<CiStep>,
    /// How many builds of it are known.
    pub(crate) build_count: u32,
}

/// One instruction of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CiStep {
    /// What it is called in all builds.
    pub(crate) name: StepName,
    /// The Dockerfile and line. `None` when no report has them.
    pub(crate) place: Option<(String, u32)>,
    /// Whether its result is in the image, so that `mode=min` exports it.
    pub(crate) is_in_image: bool,
    /// Milliseconds that it took when it ran last. `None` when no build known ran it.
    pub(crate) duration_ms: Option<u64>,
    /// In how many builds, of all but the first, all that it is made from had been seen before.
    pub(crate) reused_count: u32,
    /// Where it mounts caches that stay with the builder.
    pub(crate) cache_mounts: BTreeSet<String>,
}

/// What layers are known to measure, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// The largest record that each step made.
    pub(crate) steps: BTreeMap<StepName, u64>,
    /// The image of each target.
    pub(crate) images: BTreeMap<String, u64>,
}
