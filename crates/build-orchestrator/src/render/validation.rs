//! Shows what was checked of images.

use common::render::{Cell, Document, Table, Tone, findings};
use common::report::{
    CheckResult, ImageStart, ImageValidation, Report, StartState, ValidationData,
};
use common::units::{format_bytes, format_duration};

/// The images as a table, what those printed that did not start, and the findings.
pub(crate) fn document(report: &Report<ValidationData>) -> Document {
    let images = &report.data.images;
    let document = Document::new().heading("Validation").table(table(images));
    images
        .iter()
        .fold(document, |document, image| document.append(log(image)))
        .append(findings(&report.findings))
}

/// The rules, each with what it is about.
pub(crate) fn rules(rules: &[(&str, &str)]) -> Document {
    let mut table = Table::new(["Rule", "What is checked"]);
    for (rule, what) in rules {
        table.row([(*rule).into(), (*what).into()]);
    }
    Document::new().table(table)
}

fn table(images: &[ImageValidation]) -> Table {
    let mut table = Table::new([
        "Image", "Target", "Stage", "Size#", "User", "Start", "Passed#", "Failed#", "Skipped#",
    ]);
    for image in images {
        let count = |result| {
            let checks = image.checks.iter();
            checks.filter(|check| check.result == result).count()
        };
        let failed = count(CheckResult::Failed);
        let tone = if failed > 0 { Tone::Bad } else { Tone::Good };
        table.row([
            image.name.as_str().into(),
            image.target.as_deref().unwrap_or("-").into(),
            image.stage.as_deref().unwrap_or("-").into(),
            format_bytes(image.size_bytes).into(),
            if image.user.is_empty() {
                "root"
            } else {
                &image.user
            }
            .into(),
            image.start.as_ref().map_or_else(|| "-".into(), start),
            count(CheckResult::Passed).to_string().into(),
            Cell::toned(failed.to_string(), tone),
            count(CheckResult::Skipped).to_string().into(),
        ]);
    }
    table
}

fn start(start: &ImageStart) -> Cell {
    let after = format_duration(start.duration_ms);
    match (start.state, start.exit_code) {
        (StartState::Healthy, _) => Cell::toned(format!("healthy after {after}"), Tone::Good),
        (StartState::Unhealthy, _) => Cell::toned("unhealthy", Tone::Bad),
        (StartState::Running, _) => Cell::toned("running", Tone::Good),
        (StartState::Exited, Some(0)) => Cell::toned(format!("ended after {after}"), Tone::Good),
        (StartState::Exited, code) => {
            let code = code.unwrap_or_default();
            Cell::toned(format!("exit code {code}"), Tone::Bad)
        }
        (StartState::Refused, _) => Cell::toned("refused", Tone::Bad),
    }
}

fn log(image: &ImageValidation) -> Document {
    match &image.start {
        Some(start) if !start.log_tail.is_empty() && start.state != StartState::Running => {
            Document::new()
                .paragraph(format!("{} printed:", image.name))
                .preformatted(start.log_tail.join("\n"))
        }
        _ => Document::new(),
    }
}
