//! Shows a cache-setup report to people; sees nothing but the report.

use common::render::Document;
use common::report::{CacheSetupData, Report};

/// The document for one report.
pub(crate) fn document(report: &Report<CacheSetupData>) -> Document {
    let _ = report;
    Document::new().heading("Cache between runs")
}
