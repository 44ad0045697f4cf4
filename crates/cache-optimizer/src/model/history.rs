//! Builds of the past: what they did, and how their time was spent beside the steps.

use std::collections::BTreeMap;

use super::build::Build;

/// A build with its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// What was built.
    pub(crate) build: Build,
    /// How many targets were allowed to build at once.
    pub(crate) parallel_max: usize,
    /// The times of each target, by name. A target that did not end has none.
    pub(crate) times: BTreeMap<String, TargetTimes>,
    /// The targets that each target has to wait for, by name.
    pub(crate) depends_on: BTreeMap<String, Vec<String>>,
}

/// How a target spent its time beside the steps.
#[expect(clippy::struct_field_names, reason = "units stand last")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TargetTimes {
    /// Milliseconds from the build's start to the target's.
    pub(crate) started_ms: u64,
    /// Milliseconds from the target's start to the first of its steps: asking the builder, reading the
    /// Dockerfile, sending the context.
    pub(crate) lead_ms: u64,
    /// Milliseconds from the end of its last step to its own end: writing the image.
    pub(crate) export_ms: u64,
}
