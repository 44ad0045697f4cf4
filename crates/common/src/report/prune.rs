//! Which records of the build cache are worth their space, and which go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReportData, SchemaVersion};

/// Body of a report written by `cache-optimizer prune`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PruneData {}

impl ReportData for PruneData {
    const KIND: &'static str = "prune";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}
