//! Shows how one build differs from an earlier one.

use common::render::{Cell, Document, Table, Tone, findings};
use common::report::{
    ComparedStep, ComparedTarget, ComparisonData, Difference, Report, TargetFigures, TargetStatus,
};
use common::units::{format_bytes, format_count, format_duration};

/// The comparison as a document: sums, targets, then the steps that differ.
pub(crate) fn document(report: &Report<ComparisonData>) -> Document {
    let data = &report.data;
    Document::new()
        .heading("Comparison")
        .paragraph(summary(data))
        .append(findings(&report.findings))
        .table(target_table(&data.targets))
        .append(steps(&data.steps))
}

fn summary(data: &ComparisonData) -> String {
    let [before, after] = [&data.before, &data.after].map(|build| &build.totals);
    format!(
        "{} instead of {}; {} of {} from the cache instead of {} of {}; {} differ, {} as they were",
        format_duration(after.duration_ms),
        format_duration(before.duration_ms),
        after.cached_count,
        format_count(after.step_count.into(), "step"),
        before.cached_count,
        before.step_count,
        format_count(data.steps.len() as u64, "step"),
        data.unchanged_count,
    )
}

fn target_table(targets: &[ComparedTarget]) -> Table {
    let mut table = Table::new([
        "Target",
        "Before",
        "After",
        "Time before#",
        "Time after#",
        "Size before#",
        "Size after#",
    ]);
    for target in targets {
        let sides = [target.before, target.after];
        let [status_before, status_after] = sides.map(status);
        let time = |side: Option<TargetFigures>| {
            let duration_ms = side.and_then(|side| side.duration_ms);
            Cell::from(duration_ms.map(format_duration).unwrap_or_default())
        };
        let size = |side: Option<TargetFigures>| {
            let size_bytes = side.and_then(|side| side.image_size_bytes);
            Cell::from(size_bytes.map(format_bytes).unwrap_or_default())
        };
        let [time_before, time_after] = sides.map(time);
        let [size_before, size_after] = sides.map(size);
        table.row([
            target.target.clone().into(),
            status_before,
            status_after,
            time_before,
            time_after,
            size_before,
            size_after,
        ]);
    }
    table
}

fn status(side: Option<TargetFigures>) -> Cell {
    match side.map(|side| side.status) {
        None => Cell::from("none"),
        Some(TargetStatus::Built) => Cell::toned("built", Tone::Good),
        Some(TargetStatus::Failed) => Cell::toned("failed", Tone::Bad),
        Some(TargetStatus::Skipped) => Cell::toned("skipped", Tone::Warning),
        Some(TargetStatus::Cancelled) => Cell::toned("cancelled", Tone::Warning),
    }
}

fn steps(steps: &[ComparedStep]) -> Document {
    if steps.is_empty() {
        return Document::new();
    }
    let mut table = Table::new([
        "Change", "Before#", "After#", "Ratio#", "Line", "Step", "What",
    ]);
    for step in steps {
        let time = |duration_ms: Option<u64>| {
            Cell::from(duration_ms.map(format_duration).unwrap_or_default())
        };
        let location = step.location.as_ref().map(ToString::to_string);
        table.row([
            change(step.difference),
            time(step.before_ms),
            time(step.after_ms),
            ratio(step).into(),
            location.unwrap_or_default().into(),
            step.step.clone().into(),
            step.name.clone().into(),
        ]);
    }
    Document::new().heading("Steps that differ").table(table)
}

/// How many times as long a step takes, where both times are more than nothing.
fn ratio(step: &ComparedStep) -> String {
    match (step.before_ms, step.after_ms) {
        (Some(before), Some(after)) if before > 0 && after > 0 => {
            format!("{:.2}", after as f64 / before as f64)
        }
        _ => String::new(),
    }
}

fn change(difference: Difference) -> Cell {
    match difference {
        Difference::BeganToMiss => Cell::toned("began to miss", Tone::Warning),
        Difference::BeganToHit => Cell::toned("began to hit", Tone::Good),
        Difference::Slower => Cell::toned("slower", Tone::Warning),
        Difference::Faster => Cell::toned("faster", Tone::Good),
        Difference::New => Cell::from("new"),
        Difference::Gone => Cell::from("gone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_shown_where_there_is_one() {
        let step = |before_ms, after_ms| ComparedStep {
            difference: Difference::Slower,
            target: "app".to_owned(),
            step: "app/build/2".to_owned(),
            name: "RUN make".to_owned(),
            location: None,
            before_ms,
            after_ms,
        };
        assert_eq!(ratio(&step(Some(1000), Some(1500))), "1.50");
        assert_eq!(ratio(&step(Some(0), Some(1500))), "");
        assert_eq!(ratio(&step(None, Some(1500))), "");
    }
}
