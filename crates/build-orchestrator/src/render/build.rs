//! Shows what was built.

use common::render::{Cell, Document, Table, Tone};
use common::report::{
    BuildData, BuildTotals, Report, StepBuild, StepKind, TargetBuild, TargetStatus, Verdict,
};
use common::units::{format_bytes, format_count, format_duration, format_ratio, ratio};

/// How many of the slowest steps are shown.
///
/// Chosen: with the critical path beside it, the rest seldom matters.
const SLOWEST_MAX: usize = 10;

/// The build as a document: failures first, then the targets and where the time went.
pub(crate) fn document(report: &Report<BuildData>) -> Document {
    let data = &report.data;
    let document = Document::new().heading("Build").paragraph(Cell::toned(
        summary(&data.totals, report.verdict),
        tone(report.verdict),
    ));
    let failed = data.targets.iter().filter(|target| target.error.is_some());
    failed
        .fold(document, |document, target| {
            document.append(failure(target))
        })
        .table(target_table(&data.targets))
        .append(titled("Slowest steps", slowest_table(&data.targets)))
        .append(titled("Critical path", critical_table(data)))
}

fn summary(totals: &BuildTotals, verdict: Verdict) -> String {
    let end = if verdict == Verdict::Incomplete {
        ", interrupted after "
    } else {
        " in "
    };
    let hits = match ratio(totals.cached_count.into(), totals.step_count.into()) {
        Some(hits) => format!(" ({})", format_ratio(hits)),
        None => String::new(),
    };
    format!(
        "{} of {} built{end}{}; {} of {} from the cache{hits}; {} sent",
        totals.built_count,
        format_count(totals.target_count.into(), "target"),
        format_duration(totals.duration_ms),
        totals.cached_count,
        format_count(totals.step_count.into(), "step"),
        format_bytes(totals.sent_bytes),
    )
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Fail => Tone::Bad,
        Verdict::Incomplete => Tone::Warning,
    }
}

/// A table below its title; nothing when it has no rows.
fn titled(title: &str, table: Option<Table>) -> Document {
    match table {
        Some(table) => Document::new().heading(title).table(table),
        None => Document::new(),
    }
}

fn failure(target: &TargetBuild) -> Document {
    let name = &target.plan.name;
    let document = Document::new().heading(format!("{name} was not built"));
    let failed: Vec<&StepBuild> = target
        .steps
        .iter()
        .filter(|step| step.error.is_some())
        .collect();
    if failed.is_empty() {
        return document.paragraph(target.error.clone().unwrap_or_default());
    }
    failed.into_iter().fold(document, |document, step| {
        let error = step.error.as_deref().unwrap_or_default();
        let place = place(step).map_or_else(String::new, |place| format!("{place}: "));
        document
            .paragraph(Cell::toned(format!("{place}{}", step.name), Tone::Bad))
            .preformatted(step.log_tail.join("\n"))
            .paragraph(error)
    })
}

fn target_table(targets: &[TargetBuild]) -> Table {
    let mut table = Table::new([
        "Target", "Result", "Time#", "Cached#", "Shared#", "Ran#", "Size#", "Image",
    ]);
    for target in targets {
        let count = |is_counted: fn(&StepBuild) -> bool| {
            let steps = target
                .steps
                .iter()
                .filter(|step| step.kind == StepKind::Instruction);
            steps.filter(|step| is_counted(step)).count().to_string()
        };
        let image = target.image.as_ref();
        table.row([
            target.plan.name.clone().into(),
            status(target.status),
            target
                .duration_ms
                .map(format_duration)
                .unwrap_or_default()
                .into(),
            count(|step| step.cached == Some(true)).into(),
            count(|step| step.shared_with.is_some()).into(),
            count(|step| step.cached == Some(false) && step.shared_with.is_none()).into(),
            image
                .map(|image| format_bytes(image.size_bytes))
                .unwrap_or_default()
                .into(),
            image
                .map(|image| short_id(&image.id))
                .unwrap_or_default()
                .into(),
        ]);
    }
    table
}

fn status(status: TargetStatus) -> Cell {
    match status {
        TargetStatus::Built => Cell::toned("built", Tone::Good),
        TargetStatus::Failed => Cell::toned("failed", Tone::Bad),
        TargetStatus::Skipped => Cell::toned("skipped", Tone::Warning),
        TargetStatus::Cancelled => Cell::toned("cancelled", Tone::Warning),
    }
}

/// The first twelve digits, as docker's client shows an id.
fn short_id(id: &str) -> String {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    digits.chars().take(12).collect()
}

fn slowest_table(targets: &[TargetBuild]) -> Option<Table> {
    let mut steps: Vec<&StepBuild> = targets
        .iter()
        .flat_map(|target| &target.steps)
        .filter(|step| step.duration_ms > 0)
        .collect();
    steps.sort_by_key(|step| std::cmp::Reverse(step.duration_ms));
    steps.truncate(SLOWEST_MAX);
    let mut table = Table::new(["Time#", "Line", "Step", "What"]);
    for step in &steps {
        table.row([
            format_duration(step.duration_ms).into(),
            place(step).unwrap_or_default().into(),
            step.id.clone().into(),
            step.name.clone().into(),
        ]);
    }
    (!steps.is_empty()).then_some(table)
}

fn place(step: &StepBuild) -> Option<String> {
    let location = step.location.as_ref()?;
    Some(format!("{}:{}", location.path, location.line))
}

fn critical_table(data: &BuildData) -> Option<Table> {
    let mut table = Table::new(["Waited#", "Time#", "Share#", "Step"]);
    for link in &data.critical_path {
        let share = ratio(link.duration_ms, data.totals.duration_ms).map(format_ratio);
        table.row([
            format_duration(link.waited_ms).into(),
            format_duration(link.duration_ms).into(),
            share.unwrap_or_default().into(),
            link.step.clone().into(),
        ]);
    }
    (!data.critical_path.is_empty()).then_some(table)
}
