//! What building a Dockerfile before and after a patch showed. Numbers and facts; what they are worth
//! is said in `analysis::proof`.

use super::recipe::Recipe;

/// How a Dockerfile is built, beside its text and its context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The stage. `None` is the last one.
    pub(crate) stage: Option<String>,
    /// Arguments for `build-orchestrator build`, such as `--build-arg`, each with its value.
    pub(crate) options: Vec<(&'static str, String)>,
}

/// A change of the context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// The files, as paths within the context.
    pub(crate) paths: Vec<String>,
}

/// Where a change comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// It was asked for.
    Given,
    /// A commit changed these files.
    Commit {
        /// Its digest, shortened.
        id: String,
        /// The first line of its message.
        subject: String,
    },
    /// Nothing was asked for.
    Chosen,
}

/// One build that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rebuild {
    /// Milliseconds from its start to its end.
    pub(crate) duration_ms: u64,
    /// The instructions that ran, in the order in which they started.
    pub(crate) ran: Vec<Ran>,
}

/// A step that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    /// The step as the builder prints it.
    pub(crate) name: String,
    /// The line of its instruction.
    pub(crate) line: Option<u32>,
    /// Milliseconds that it ran.
    pub(crate) duration_ms: u64,
}

/// One difference of two images, times of files and the order of layers left out of account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    /// Whether it is a setting of the configuration, and not a path.
    pub(crate) is_setting: bool,
    /// The path, or the setting's name.
    pub(crate) name: String,
    /// How it differs, in words.
    pub(crate) detail: String,
}

/// The unchanged Dockerfile. What is missing was not measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Baseline {
    /// Builds in which every step ran.
    pub(crate) cold: Vec<Rebuild>,
    /// A build of which everything is cached.
    pub(crate) warm: Option<Rebuild>,
    /// What differs between the cold builds.
    pub(crate) noise: Option<Vec<Difference>>,
    /// Why it does not build.
    pub(crate) error: Option<String>,
}

/// A patched Dockerfile. What is missing was not measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trial {
    /// The build in which every step ran.
    pub(crate) cold: Option<Rebuild>,
    /// A build of which everything is cached.
    pub(crate) warm: Option<Rebuild>,
    /// What differs from the unchanged Dockerfile's image, noise among it.
    pub(crate) differences: Option<Vec<Difference>>,
    /// Both Dockerfiles built after changes.
    pub(crate) replays: Vec<Replay>,
    /// Why it does not build.
    pub(crate) error: Option<String>,
    /// What there was no time for, in words.
    pub(crate) not_measured: Vec<String>,
}

/// Both Dockerfiles built again after one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replay {
    /// The change.
    pub(crate) change: Change,
    /// Builds of the unchanged Dockerfile.
    pub(crate) original: Vec<Rebuild>,
    /// Builds of the patched one.
    pub(crate) patched: Vec<Rebuild>,
    /// What differs between their images after the same change, noise among it.
    pub(crate) differences: Option<Vec<Difference>>,
}

/// A patch, and how it is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    /// The findings that it mends, by rule and line. Empty for a Dockerfile made by hand.
    pub(crate) mends: Vec<(&'static str, u32)>,
    /// The path of the Dockerfile made by hand. `None` for patches of rules.
    pub(crate) made_by_hand: Option<String>,
    /// The Dockerfile's text, after.
    pub(crate) dockerfile: String,
    /// The ignore file's text, after. Empty when there is none.
    pub(crate) ignore_text: String,
    /// The change as a unified diff.
    pub(crate) diff: String,
    /// Milliseconds that rules expect each rebuild to save.
    pub(crate) expected_ms: Option<u64>,
    /// What is changed before a rebuild.
    pub(crate) changes: Vec<Change>,
}

/// A Dockerfile that was measured with its patches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measured<'a> {
    /// The Dockerfile.
    pub(crate) recipe: &'a Recipe,
    /// The stage that was built. `None` is the last one.
    pub(crate) stage: Option<String>,
    /// The Dockerfile as it is.
    pub(crate) baseline: Baseline,
    /// The patches, and what became of each.
    pub(crate) patches: Vec<(Patch, Trial)>,
}
