//! Shows a prune report to people; sees nothing but the report.

use common::render::Document;
use common::report::{PruneData, Report};

/// The document for one report.
pub(crate) fn document(report: &Report<PruneData>) -> Document {
    let _ = report;
    Document::new().heading("Build cache")
}
