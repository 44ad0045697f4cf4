//! The build cache of an Engine, and what past builds say of the steps that made it.

/// What an Engine's build cache holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BuildCache {
    /// The records, in the Engine's order.
    pub(crate) records: Vec<CacheRecord>,
    /// What time it is for the Engine, in milliseconds since 1970.
    pub(crate) now_ms: i64,
    /// Images without a name, which hold the records of their layers.
    pub(crate) dangling_image_count: u64,
    /// The disk that the cache is on. `None` when it is not known to be one of this machine's.
    pub(crate) disk: Option<Disk>,
}

/// How much room is on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Disk {
    /// Bytes of all of it.
    pub(crate) size_bytes: u64,
    /// Bytes that ordinary users may still take.
    pub(crate) free_bytes: u64,
}

/// One snapshot or folder that the builder keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CacheRecord {
    /// What the Engine calls it.
    pub(crate) id: String,
    /// The ids of the records that it lies upon. They cannot go before it does.
    pub(crate) parents: Vec<String>,
    /// What kind of record it is.
    pub(crate) kind: RecordKind,
    /// What the builder says made it.
    pub(crate) description: String,
    /// Whether a build uses it just now.
    pub(crate) is_in_use: bool,
    /// Whether an image holds it too, so that its loss frees nothing.
    pub(crate) is_shared: bool,
    /// Bytes that it takes beside its parents.
    pub(crate) size_bytes: u64,
    /// When it was made, in milliseconds since 1970: when its step ended.
    pub(crate) created_ms: i64,
    /// When a build used it last, in milliseconds since 1970.
    pub(crate) last_used_ms: i64,
    /// How often builds used it, its making among them.
    pub(crate) use_count: u64,
}

/// The kinds of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RecordKind {
    /// The result of a step, or a layer of a base image.
    Layer,
    /// The content of a `RUN --mount=type=cache`.
    CacheMount,
    /// Files of a build context, or of a git repository.
    Source,
    /// What the builder keeps for itself, and gives up only when all has to go.
    Internal,
}

/// One step of one past build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PastStep {
    /// What was built.
    pub(crate) name: StepName,
    /// What a `RUN` runs, with single blanks. `None` for instructions that work on files.
    pub(crate) command: Option<String>,
    /// Where the step that it lies upon is in the list of all steps. `None` when there is none.
    pub(crate) parent: Option<usize>,
    /// Whether its stage is based on an image, as against `scratch`.
    pub(crate) is_on_image: bool,
    /// When it ended, in milliseconds since 1970.
    pub(crate) ended_ms: i64,
    /// What became of it.
    pub(crate) outcome: StepOutcome,
}

/// What a step is called in the reports of several builds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StepName {
    /// The target's name.
    pub(crate) target: String,
    /// The stage's label.
    pub(crate) stage: String,
    /// The instruction as written.
    pub(crate) text: String,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepOutcome {
    /// It ran.
    Ran {
        /// For how many milliseconds.
        duration_ms: u64,
    },
    /// Its result came from the cache.
    Cached,
    /// It was not reached, broken off, or done by another target.
    Nothing,
}

/// A text with single blanks between its words, as commands are compared.
pub(crate) fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
