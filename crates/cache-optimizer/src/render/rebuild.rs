//! Shows a rebuild report to people; sees nothing but the report.

use common::render::Document;
use common::report::{RebuildData, Report};

/// The document for one report.
pub(crate) fn document(report: &Report<RebuildData>) -> Document {
    let _ = report;
    Document::new().heading("Rebuilds")
}
