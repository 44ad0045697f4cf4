//! What patches of a Dockerfile were measured to save.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReportData, SchemaVersion};

/// Body of a report written by `cache-optimizer verify`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerificationData {}

impl ReportData for VerificationData {
    const KIND: &'static str = "verification";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}
