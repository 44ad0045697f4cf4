//! Shows a cache report to people; sees nothing but the report.

mod because;
pub(crate) mod cache_setup;
pub(crate) mod prune;
pub(crate) mod rebuild;
pub(crate) mod verification;

use common::render::{Cell, Document, Table, Tone, findings};
use common::report::{Advice, CacheData, Confidence, Input, Location, Miss, Report, TargetCache};
use common::units::{format_count, format_duration, format_ratio, ratio};

use because::{Chains, shortened};

/// The document for one report.
pub(crate) fn document(report: &Report<CacheData>) -> Document {
    let data = &report.data;
    let mut document = Document::new().heading("Cache");
    if !data.targets.is_empty() {
        document = document.paragraph(summary(data)).table(targets(data));
    }
    if !data.misses.is_empty() {
        document = document
            .heading("Steps that ran")
            .table(misses(&data.misses));
    }
    document
        .heading("Findings")
        .paragraph(checked(report))
        .append(findings(&report.findings))
        .append(patches(&report.data.advice))
}

/// The patches that rules offer, and why others are not.
fn patches(advice: &[Advice]) -> Document {
    if advice.is_empty() {
        return Document::new();
    }
    let mut document = Document::new().heading("Patches");
    for advice in advice {
        let title = format!("{}: {}", advice.location, advice.rule);
        document = match (&advice.diff, &advice.no_diff_because) {
            (Some(diff), _) => document
                .paragraph(format!("{title} ({})", confidence(advice.confidence)))
                .preformatted(diff.trim_end()),
            (None, Some(why)) => document.paragraph(format!("{title}: no patch, because {why}")),
            (None, None) => document,
        };
    }
    document
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    }
}

fn checked(report: &Report<CacheData>) -> String {
    let is_dockerfile = |input: &&Input| input.kind == "dockerfile";
    let dockerfile_count = report.inputs.iter().filter(is_dockerfile).count();
    format!(
        "{} checked, {}",
        format_count(dockerfile_count as u64, "Dockerfile"),
        format_count(report.findings.len() as u64, "finding")
    )
}

/// The document that lists rules: id, reason and source of each.
pub(crate) fn rules(rules: impl IntoIterator<Item = [&'static str; 3]>) -> Document {
    let mut table = Table::new(["Rule", "Reason", "Source"]);
    for cells in rules {
        table.row(cells.map(Cell::from));
    }
    Document::new().table(table)
}

fn summary(data: &CacheData) -> String {
    let sum = |count: fn(&TargetCache) -> u64| data.targets.iter().map(count).sum();
    let hit_count: u64 = sum(|target| target.hit_count.into());
    let miss_count: u64 = sum(|target| target.miss_count.into());
    let step_count = hit_count + miss_count;
    match ratio(hit_count, step_count) {
        Some(hit_ratio) => format!(
            "{hit_count} of {} from the cache ({}), {miss_count} ran for {}",
            format_count(step_count, "step"),
            format_ratio(hit_ratio),
            format_duration(sum(|target| target.missed_ms))
        ),
        None => "no step ran or came from the cache".to_owned(),
    }
}

fn targets(data: &CacheData) -> Table {
    let mut table = Table::new([
        "Target",
        "Cached#",
        "Ran#",
        "Hit ratio#",
        "Time of those that ran#",
    ]);
    for target in &data.targets {
        let tone = if target.miss_count == 0 {
            Tone::Good
        } else {
            Tone::Plain
        };
        let hit_ratio = target
            .hit_ratio
            .map_or_else(|| "-".to_owned(), format_ratio);
        table.row([
            target.target.as_str().into(),
            target.hit_count.to_string().into(),
            target.miss_count.to_string().into(),
            Cell::toned(hit_ratio, tone),
            format_duration(target.missed_ms).into(),
        ]);
    }
    table
}

fn misses(misses: &[Miss]) -> Table {
    let chains = Chains::new(misses);
    let mut table = Table::new(["Step", "Instruction", "Place", "Time#", "Ran because"]);
    for miss in misses {
        table.row([
            miss.step.as_str().into(),
            shortened(&miss.name).into(),
            place(miss.location.as_ref()).into(),
            format_duration(miss.duration_ms).into(),
            chains.because(miss).into(),
        ]);
    }
    table
}

fn place(location: Option<&Location>) -> String {
    location.map_or_else(|| "-".to_owned(), Location::to_string)
}

#[cfg(test)]
mod tests {
    use common::render::{markdown, table};
    use common::report::{Finding, MissCause, Severity, Tool, Verdict};

    use super::*;

    fn report(data: CacheData, findings: Vec<Finding>) -> Report<CacheData> {
        let tool = Tool {
            name: "cache-optimizer".to_owned(),
            version: "1".to_owned(),
        };
        let created_at = "2026-01-01T00:00:00.000Z".to_owned();
        Report::new(tool, created_at, Verdict::Pass, Vec::new(), findings, data)
    }

    fn target(name: &str, hit_count: u32, miss_count: u32, missed_ms: u64) -> TargetCache {
        TargetCache {
            target: name.to_owned(),
            hit_count,
            miss_count,
            hit_ratio: ratio(hit_count.into(), (hit_count + miss_count).into()),
            missed_ms,
        }
    }

    fn sample() -> Report<CacheData> {
        let place = Location {
            path: "Dockerfile".to_owned(),
            line: 2,
        };
        let miss = Miss {
            step: "app/build/2".to_owned(),
            name: "COPY . .".to_owned(),
            location: Some(place.clone()),
            duration_ms: 4200,
            cause: MissCause::NoCache,
        };
        let finding = Finding {
            rule: "copy-before-install".to_owned(),
            severity: Severity::Warning,
            message: "it comes too early".to_owned(),
            advice: Some("move it".to_owned()),
            location: Some(place),
            subject: None,
            saving: None,
        };
        let data = CacheData {
            baseline: None,
            targets: vec![target("app", 9, 1, 4000), target("test", 3, 2, 200)],
            misses: vec![miss],
            ..CacheData::default()
        };
        report(data, vec![finding])
    }

    #[test]
    fn the_summary_adds_up_all_targets() {
        let shown = table::write(&document(&sample()), table::Width::Unlimited, false);
        assert!(
            shown.contains("12 of 15 steps from the cache (80.0 %), 3 ran for 4.20 s"),
            "{shown}"
        );
    }

    #[test]
    fn targets_misses_and_findings_are_shown() {
        let shown = markdown::write(&document(&sample()));
        for row in [
            "| app | 9 | 1 | 90.0 % | 4.00 s |",
            "| app/build/2 | COPY . . | Dockerfile:2 | 4.20 s | the cache was switched off |",
            "Dockerfile:2: it comes too early \\[copy-before-install\\]<br>  move it",
        ] {
            assert!(shown.contains(row), "{row} in\n{shown}");
        }
    }

    #[test]
    fn what_there_is_none_of_is_left_out_or_said() {
        let nothing = document(&report(CacheData::default(), Vec::new()));
        let expected = "## Cache\n\n## Findings\n\n0 Dockerfiles checked, 0 findings\n";
        assert_eq!(markdown::write(&nothing), expected);
        let idle = CacheData {
            targets: vec![target("app", 0, 0, 0)],
            ..CacheData::default()
        };
        let shown = markdown::write(&document(&report(idle, Vec::new())));
        assert!(shown.contains("no step ran or came from the cache"));
        assert!(shown.contains("| app | 0 | 0 | - | 0 ms |"), "{shown}");
    }
}
