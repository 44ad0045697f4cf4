//! Shows a prune report to people; sees nothing but the report.

use common::render::{Cell, Document, Table, Tone, findings};
use common::report::{
    PruneBudget, PruneData, PruneOutcome, PruneRecord, PruneStrategy, RebuildBasis, RecordFate,
    Report,
};
use common::units::{format_bytes, format_count, format_duration, format_ratio};

use super::because::shortened;

/// How many of the records that stay are shown.
///
/// Chosen: those that would go next fit below those that go.
const STAYING_MAX: usize = 10;

/// The document for one report.
pub(crate) fn document(report: &Report<PruneData>) -> Document {
    let data = &report.data;
    let (gone, staying): (Vec<_>, Vec<_>) = data
        .records
        .iter()
        .partition(|record| record.fate == RecordFate::Evicted);
    let mut document = Document::new()
        .heading("Build cache")
        .paragraph(holding(data))
        .paragraph(asked_for(&data.budget))
        .paragraph(plan(data));
    if let Some(outcome) = &data.outcome {
        document = document.paragraph(came_of(outcome));
    }
    if !gone.is_empty() {
        let title = if data.outcome.is_some() {
            "Deleted"
        } else {
            "Would go"
        };
        document = document.heading(title).table(table(&gone, data.strategy));
    }
    let shown: Vec<_> = worth_showing(&staying).take(STAYING_MAX).collect();
    if !shown.is_empty() {
        let title = format!("Stay ({} of {})", shown.len(), staying.len());
        document = document.heading(title).table(table(&shown, data.strategy));
    }
    document
        .heading("Findings")
        .append(findings(&report.findings))
}

/// Those that could go come first, then those that are held.
fn worth_showing<'a>(staying: &'a [&'a PruneRecord]) -> impl Iterator<Item = &'a PruneRecord> {
    let is_kept = |record: &&PruneRecord| record.fate == RecordFate::Kept;
    let kept = staying.iter().copied().filter(is_kept);
    let held = staying
        .iter()
        .copied()
        .filter(move |record| !is_kept(record));
    kept.chain(held).filter(|record| record.size_bytes > 0)
}

fn holding(data: &PruneData) -> String {
    format!(
        "{} of {}, and {} more that images share",
        format_count(data.totals.record_count, "record"),
        format_bytes(data.totals.unshared_bytes),
        format_bytes(data.totals.shared_bytes)
    )
}

fn asked_for(budget: &PruneBudget) -> String {
    let mut parts = Vec::new();
    if let Some(keep_bytes) = budget.keep_bytes {
        parts.push(format!("at most {} may stay", format_bytes(keep_bytes)));
    }
    if let Some(min_free_bytes) = budget.min_free_bytes {
        let free_bytes = format_bytes(budget.free_bytes.unwrap_or(0));
        let wanted = format_bytes(min_free_bytes);
        parts.push(format!(
            "{wanted} of the disk have to be free, {free_bytes} are"
        ));
    }
    if let Some(age_ms) = budget.keep_newer_than_ms {
        let age = format_duration(age_ms);
        parts.push(format!("what was used within {age} stays"));
    }
    format!("Asked for: {}", parts.join("; "))
}

fn plan(data: &PruneData) -> String {
    let totals = &data.totals;
    if totals.evicted_count == 0 {
        return "Nothing goes".to_owned();
    }
    let verb = if data.outcome.is_some() {
        "To go were"
    } else {
        "Would go"
    };
    let order = match data.strategy {
        PruneStrategy::Value => "what costs least for each byte first",
        PruneStrategy::Lru => "what was not used for longest first",
    };
    format!(
        "{verb} {} of {}, {order}; to make all of it again takes {}, of which {} are expected to be needed",
        format_count(totals.evicted_count, "record"),
        format_bytes(totals.evicted_bytes),
        format_duration(totals.rebuild_ms),
        format_duration(totals.expected_loss_ms)
    )
}

fn came_of(outcome: &PruneOutcome) -> Cell {
    let text = format!(
        "{} deleted, which freed {}; {} stay",
        format_count(outcome.deleted_count, "record"),
        format_bytes(outcome.freed_bytes),
        format_bytes(outcome.unshared_bytes)
    );
    let tone = if outcome.left.is_empty() {
        Tone::Good
    } else {
        Tone::Warning
    };
    Cell::toned(text, tone)
}

fn table(records: &[&PruneRecord], strategy: PruneStrategy) -> Table {
    let mut table = Table::new([
        "Record",
        "Made by",
        "Size#",
        "Uses#",
        "Last used",
        "Rebuild#",
        "Needed again#",
        "Because",
    ]);
    for record in records {
        table.row([
            record.id.chars().take(12).collect::<String>().into(),
            shortened(&made_by(record)).into(),
            format_bytes(record.size_bytes).into(),
            record.use_count.to_string().into(),
            format!("{} ago", format_duration(record.idle_ms)).into(),
            rebuild(record).into(),
            format_ratio(record.need_ratio).into(),
            because(record.fate, strategy).into(),
        ]);
    }
    table
}

fn made_by(record: &PruneRecord) -> String {
    match &record.step {
        Some(step) => format!("{}/{}: {}", step.target, step.stage, step.text),
        None => record.description.clone(),
    }
}

/// A time that was not measured has a mark.
fn rebuild(record: &PruneRecord) -> String {
    let duration = format_duration(record.rebuild_ms);
    match record.rebuild_basis {
        RebuildBasis::Measured => duration,
        RebuildBasis::Times => format!("~ {duration}"),
        RebuildBasis::Assumed => format!("? {duration}"),
    }
}

fn because(fate: RecordFate, strategy: PruneStrategy) -> &'static str {
    match fate {
        RecordFate::Evicted if strategy == PruneStrategy::Lru => "unused for longest",
        RecordFate::Evicted => "costs least for its bytes",
        RecordFate::Kept => "worth more",
        RecordFate::Shared => "shared with an image",
        RecordFate::InUse => "in use",
        RecordFate::Internal => "the builder's own",
        RecordFate::Newer => "used lately",
        RecordFate::HoldsUp => "one upon it stays",
    }
}

#[cfg(test)]
mod tests {
    use common::render::markdown;

    use super::*;

    const SAVED: &str = include_str!("../../../../tests/fixtures/reports/v1/prune.json");

    fn saved() -> Report<PruneData> {
        serde_json::from_str(SAVED).unwrap()
    }

    #[test]
    fn it_says_what_was_asked_for_planned_and_done() {
        let shown = markdown::write(&document(&saved()));
        for line in [
            "3 records of 43.0 MB, and 500 kB more that images share",
            "Asked for: at most 40.0 MB may stay; 20.0 GB of the disk have to be free, 30.0 GB are; what was used within 1h 00m stays",
            "To go were 1 record of 2.00 MB, what costs least for each byte first; to make all of it again takes 1.50 s, of which 150 ms are expected to be needed",
            "1 record deleted, which freed 2.00 MB; 41.0 MB stay",
            "| u118vi1aetyz | app/build: RUN make | 2.00 MB | 1 | 2h 00m ago | 1.50 s | 10.0 % | costs least for its bytes |",
            "| s55nkeixppwq | mount / from exec /bin/sh -c tools | 41.0 MB | 9 | 0 ms ago | \\~ 1m 30s | 95.0 % | in use |",
        ] {
            assert!(shown.contains(line), "{line} in\n{shown}");
        }
    }

    #[test]
    fn a_dry_run_says_what_would_go() {
        let mut report = saved();
        report.data.outcome = None;
        let shown = markdown::write(&document(&report));
        assert!(shown.contains("Would go 1 record of 2.00 MB"), "{shown}");
        assert!(!shown.contains("deleted"), "{shown}");
        report.data.totals.evicted_count = 0;
        assert!(markdown::write(&document(&report)).contains("Nothing goes"));
    }
}
