//! Shows what a folder of artifacts keeps.

use common::render::{Document, Table, findings};
use common::report::{ArtifactsData, Pruned, Report};
use common::units::{format_bytes, format_count};

/// How much of a digest is shown, as docker shows ids.
const DIGEST_LENGTH: usize = 12;

/// The folder as a document: what was removed, what is wrong, then build by build.
pub(crate) fn document(report: &Report<ArtifactsData>) -> Document {
    let data = &report.data;
    let mut document = Document::new().heading("Artifacts").paragraph(format!(
        "{} kept, {}",
        format_count(data.builds.len() as u64, "build"),
        format_bytes(data.size_bytes)
    ));
    if let Some(pruned) = &data.pruned {
        document = document.paragraph(removed(pruned));
    }
    document = document.append(findings(&report.findings));
    if data.builds.is_empty() {
        return document;
    }
    let mut table = Table::new(["Built", "Target", "Kind", "Name", "Size#", "Content"]);
    for build in &data.builds {
        for artifact in &build.artifacts {
            let hex = artifact.digest.trim_start_matches("sha256:");
            table.row([
                build.created_at.clone().into(),
                artifact.target.clone().into(),
                artifact.kind.clone().into(),
                artifact.name.clone().into(),
                format_bytes(artifact.size_bytes).into(),
                hex.chars().take(DIGEST_LENGTH).collect::<String>().into(),
            ]);
        }
    }
    document.table(table)
}

fn removed(pruned: &Pruned) -> String {
    let verb = if pruned.dry_run {
        "would be removed"
    } else {
        "removed"
    };
    format!(
        "{} {verb}, {} in {}",
        format_count(pruned.builds.len() as u64, "build"),
        format_bytes(pruned.size_bytes),
        format_count(pruned.file_count, "file"),
    )
}
