//! Where the build cache should be kept between CI runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReportData, SchemaVersion};

/// Body of a report written by `cache-optimizer ci`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CacheSetupData {}

impl ReportData for CacheSetupData {
    const KIND: &'static str = "cache-setup";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}
