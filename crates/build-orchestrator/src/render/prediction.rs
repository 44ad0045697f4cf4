//! Shows what a build would take under other conditions.

use common::render::{Cell, Document, Table, Tone};
use common::report::{PredictionData, Report};
use common::units::{format_count, format_duration, format_ratio, ratio};

/// The prediction as a document: the sum, then targets and the path.
pub(crate) fn document(report: &Report<PredictionData>) -> Document {
    let data = &report.data;
    Document::new()
        .heading("Prediction")
        .paragraph(Cell::toned(summary(data), tone(data.saving_ms)))
        .paragraph(trust(data))
        .table(change_table(data))
        .table(target_table(data))
        .append(critical_path(data))
}

fn summary(data: &PredictionData) -> String {
    let change = format_duration(data.saving_ms.unsigned_abs());
    let change = match data.saving_ms {
        0 => "as long as".to_owned(),
        saved if saved > 0 => format!("{change} less than"),
        _ => format!("{change} more than"),
    };
    format!(
        "{} with {} at once, {change} the build as it was",
        format_duration(data.predicted_ms),
        format_count(data.parallel_max.into(), "target"),
    )
}

fn tone(saving_ms: i64) -> Tone {
    match saving_ms {
        0 => Tone::Plain,
        saved if saved > 0 => Tone::Good,
        _ => Tone::Warning,
    }
}

fn trust(data: &PredictionData) -> String {
    format!(
        "Replayed as it was, with {} at once, the build takes {}; recorded were {}",
        format_count(data.recorded_parallel_max.into(), "target"),
        format_duration(data.baseline_ms),
        format_duration(data.recorded_ms),
    )
}

fn change_table(data: &PredictionData) -> Table {
    let mut table = Table::new(["Changed step", "Recorded#", "Predicted#"]);
    for change in &data.changes {
        table.row([
            change.step.clone().into(),
            format_duration(change.recorded_ms).into(),
            format_duration(change.predicted_ms).into(),
        ]);
    }
    table
}

fn target_table(data: &PredictionData) -> Table {
    let mut table = Table::new([
        "Target",
        "Recorded start#",
        "Recorded time#",
        "Predicted start#",
        "Predicted time#",
    ]);
    for target in &data.targets {
        table.row([
            target.target.clone().into(),
            format_duration(target.recorded_started_ms).into(),
            format_duration(target.recorded_duration_ms).into(),
            format_duration(target.started_ms).into(),
            format_duration(target.duration_ms).into(),
        ]);
    }
    table
}

fn critical_path(data: &PredictionData) -> Document {
    if data.critical_path.is_empty() {
        return Document::new();
    }
    let mut table = Table::new(["Waited#", "Time#", "Share#", "Step"]);
    for link in &data.critical_path {
        let share = ratio(link.duration_ms, data.predicted_ms).map(format_ratio);
        table.row([
            format_duration(link.waited_ms).into(),
            format_duration(link.duration_ms).into(),
            share.unwrap_or_default().into(),
            link.step.clone().into(),
        ]);
    }
    Document::new()
        .heading("Predicted critical path")
        .table(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_how_much_is_won_or_lost() {
        let data = |saving_ms| PredictionData {
            report: String::new(),
            recorded_ms: 4100,
            recorded_parallel_max: 2,
            baseline_ms: 4000,
            parallel_max: 1,
            changes: Vec::new(),
            predicted_ms: 3000,
            saving_ms,
            targets: Vec::new(),
            critical_path: Vec::new(),
        };
        let with = "3.00 s with 1 target at once, ";
        for (saving_ms, expected) in [
            (1000, "1.00 s less than the build as it was"),
            (-1000, "1.00 s more than the build as it was"),
            (0, "as long as the build as it was"),
        ] {
            assert_eq!(summary(&data(saving_ms)), format!("{with}{expected}"));
        }
        assert_eq!(
            trust(&data(0)),
            "Replayed as it was, with 2 targets at once, the build takes 4.00 s; recorded were 4.10 s"
        );
    }
}
