//! What a change of a file would make run again, and for how long.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReportData, SchemaVersion};

/// Body of a report written by `cache-optimizer predict`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RebuildData {}

impl ReportData for RebuildData {
    const KIND: &'static str = "rebuild";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}
