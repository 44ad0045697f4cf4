//! Shows what was built.

use common::render::{Cell, Document, Table, Tone, findings};
use common::report::{
    BuildData, BuildTotals, Finding, LostTime, Report, Severity, StepBuild, StepKind, TargetBuild,
    TargetStatus, Verdict,
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
        .append(findings(&advice(report)))
        .append(titled("Time lost", lost_table(&data.targets)))
        .append(titled("Slowest steps", slowest_table(&data.targets)))
        .append(titled("Critical path", critical_table(data)))
}

/// The findings that the document does not show already, as failures are.
fn advice(report: &Report<BuildData>) -> Vec<Finding> {
    let is_advice = |finding: &&Finding| finding.severity != Severity::Error;
    report.findings.iter().filter(is_advice).cloned().collect()
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

/// Where targets did no work of their own; only those that lost something.
fn lost_table(targets: &[TargetBuild]) -> Option<Table> {
    let mut table = Table::new(["Target", "Dependencies#", "Slot#", "Transfer#", "Export#"]);
    let losers: Vec<&TargetBuild> = targets
        .iter()
        .filter(|target| target.lost != LostTime::default())
        .collect();
    for target in &losers {
        let lost = target.lost;
        table.row([
            target.plan.name.clone().into(),
            format_duration(lost.dependencies_ms).into(),
            format_duration(lost.slot_ms).into(),
            format_duration(lost.transfer_ms).into(),
            format_duration(lost.export_ms).into(),
        ]);
    }
    (!losers.is_empty()).then_some(table)
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
    step.location.as_ref().map(ToString::to_string)
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

#[cfg(test)]
mod tests {
    use super::*;
    use common::render::table::{Width, write};
    use common::report::{ContextInfo, CriticalStep, EngineInfo, Location, TargetPlan, Tool};

    fn step(id: &str, name: &str, duration_ms: u64) -> StepBuild {
        StepBuild {
            id: id.to_owned(),
            kind: StepKind::Instruction,
            stage: Some("build".to_owned()),
            name: name.to_owned(),
            location: Some(Location {
                path: "Dockerfile".to_owned(),
                line: 3,
            }),
            cached: Some(duration_ms == 0),
            shared_with: None,
            started_ms: Some(0),
            duration_ms,
            depends_on: Vec::new(),
            context_files: None,
            log_tail: Vec::new(),
            error: None,
            run: None,
            base_digest: None,
        }
    }

    fn lines(steps: Vec<StepBuild>, error: Option<&str>) -> Vec<String> {
        let target = TargetBuild {
            plan: TargetPlan {
                name: "app".to_owned(),
                ..TargetPlan::default()
            },
            status: TargetStatus::Failed,
            started_ms: Some(0),
            duration_ms: Some(4000),
            image: None,
            context: ContextInfo::default(),
            steps,
            error: error.map(str::to_owned),
            error_kind: None,
            attempt_count: 1,
            pushed: Vec::new(),
            exported: Vec::new(),
            lost: LostTime {
                slot_ms: 1500,
                ..LostTime::default()
            },
            stage_images: Vec::new(),
        };
        let text = String::new;
        let data = BuildData {
            engine: EngineInfo {
                version: text(),
                api_version: text(),
                platform: text(),
            },
            parallel_max: 1,
            no_cache: false,
            targets: vec![target],
            totals: BuildTotals {
                duration_ms: 4000,
                target_count: 1,
                step_count: 2,
                cached_count: 1,
                ..BuildTotals::default()
            },
            critical_path: vec![CriticalStep {
                step: "app/build/2".to_owned(),
                duration_ms: 3000,
                waited_ms: 0,
            }],
        };
        let tool = Tool {
            name: text(),
            version: text(),
        };
        let finding = |rule: &str, severity| Finding {
            rule: rule.to_owned(),
            severity,
            message: "two in a row".to_owned(),
            advice: None,
            location: None,
            subject: Some("app".to_owned()),
            saving: None,
        };
        let findings = vec![
            finding("step-failed", Severity::Error),
            finding("adjacent-runs", Severity::Note),
        ];
        let report = Report::new(tool, text(), Verdict::Fail, Vec::new(), findings, data);
        let shown = write(&document(&report), Width::Unlimited, false);
        shown.lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn a_build_is_summed_up_and_its_time_accounted_for() {
        let mut shared = step("app/build/3", "RUN test", 0);
        shared.cached = Some(false);
        shared.shared_with = Some("other/build/3".to_owned());
        let steps = vec![
            step("app/build/1", "COPY a a", 0),
            step("app/build/2", "RUN make", 3000),
            shared,
        ];
        let lines = lines(steps, None);
        for expected in [
            "0 of 1 target built in 4.00 s; 1 of 2 steps from the cache (50.0 %); 0 B sent",
            "app      failed   4.00 s        1        1     1",
            "3.00 s   Dockerfile:3   app/build/2   RUN make",
            "0 ms   3.00 s   75.0 %   app/build/2",
            "app              0 ms   1.50 s       0 ms     0 ms",
            "note: app: two in a row [adjacent-runs]",
        ] {
            assert!(
                lines.iter().any(|line| line == expected),
                "{expected}\n{}",
                lines.join("\n")
            );
        }
        for absent in ["COPY a a", "[step-failed]"] {
            assert!(!lines.iter().any(|line| line.contains(absent)), "{absent}");
        }
    }

    #[test]
    fn a_failure_comes_with_its_place_and_its_last_output() {
        let mut failed = step("app/build/2", "RUN make", 3000);
        failed.error = Some("exit code: 2".to_owned());
        failed.log_tail = vec!["cc: not found".to_owned()];
        let lines = lines(vec![failed], Some("exit code: 2"));
        let from = lines
            .iter()
            .position(|line| line == "app was not built")
            .unwrap();
        let shown: Vec<&str> = lines[from + 1..]
            .iter()
            .map(String::as_str)
            .filter(|line| !line.is_empty())
            .take(3)
            .collect();
        assert_eq!(
            shown,
            ["Dockerfile:3: RUN make", "cc: not found", "exit code: 2"]
        );
    }

    #[test]
    fn a_target_that_failed_without_a_step_says_why() {
        let lines = lines(
            Vec::new(),
            Some("a target that it depends on was not built"),
        );
        assert!(
            lines
                .iter()
                .any(|line| line == "a target that it depends on was not built")
        );
    }
}
