//! A build as its report recorded it, as far as times and the cache go.

/// A recorded build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordedBuild {
    /// How many targets were allowed to build at once, at least 1.
    pub(crate) parallel_max: usize,
    /// From the start of the first target to the end of the last.
    pub(crate) duration_ms: u64,
    /// The targets, each after those that it depends on.
    pub(crate) targets: Vec<RecordedTarget>,
}

impl RecordedBuild {
    /// The step that does the work of the step named: itself, unless another target's did.
    pub(crate) fn worker(&self, id: &str) -> Option<&RecordedStep> {
        let find = |id: &str| {
            let mut steps = self.targets.iter().flat_map(|target| &target.steps);
            steps.find(|step| step.id == id)
        };
        let step = find(id)?;
        Some(step.shared_with.as_deref().and_then(find).unwrap_or(step))
    }
}

/// A target of a recorded build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordedTarget {
    /// Its name.
    pub(crate) name: String,
    /// Names of the targets that it depends on.
    pub(crate) depends_on: Vec<String>,
    /// Whether its image was made.
    pub(crate) is_built: bool,
    /// When it started, in milliseconds since the build's start. 0 when it never did.
    pub(crate) started_ms: u64,
    /// When it ended.
    pub(crate) ended_ms: u64,
    /// Bytes of its image. `None` when none was made.
    pub(crate) image_size_bytes: Option<u64>,
    /// Its steps, in the order in which they started.
    pub(crate) steps: Vec<RecordedStep>,
}

/// A step of a recorded build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordedStep {
    /// Its id.
    pub(crate) id: String,
    /// The stage. Empty for the builder's own work.
    pub(crate) stage: String,
    /// The instruction as written, where that is known, else as the builder prints it.
    pub(crate) text: String,
    /// The line of the instruction. `None` for the builder's own work.
    pub(crate) line: Option<u32>,
    /// Whether it is the builder's own work, such as reading the context.
    pub(crate) is_internal: bool,
    /// Whether it writes the result.
    pub(crate) is_export: bool,
    /// Whether its result came from the cache. `None` when it has none.
    pub(crate) cached: Option<bool>,
    /// The step of another target that did its work.
    pub(crate) shared_with: Option<String>,
    /// When it started. `None` when it never did.
    pub(crate) started_ms: Option<u64>,
    /// How long it ran.
    pub(crate) duration_ms: u64,
    /// Ids of the steps whose results it uses.
    pub(crate) depends_on: Vec<String>,
}
