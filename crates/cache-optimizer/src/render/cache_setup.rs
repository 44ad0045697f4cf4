//! Shows a cache-setup report to people; sees nothing but the report.

use common::render::{Document, Table, findings};
use common::report::{CacheExportMode, CacheSetupData, Report, SnippetPlace, TargetCacheSetup};
use common::units::{format_bytes, format_duration, format_ratio};

use super::because::shortened;

/// The document for one report.
pub(crate) fn document(report: &Report<CacheSetupData>) -> Document {
    let data = &report.data;
    let bandwidth = format_bytes(data.bandwidth_bytes_per_s);
    let mut document = Document::new()
        .heading("Cache between runs")
        .paragraph(format!(
            "{bandwidth} of layers are taken to move in a second"
        ))
        .table(targets(data));
    for target in &data.targets {
        document = document.paragraph(format!("{}: {}", target.target, target.reason));
    }
    document = document.heading("Where the time goes").table(steps(data));
    for snippet in &data.snippets {
        let title = match snippet.place {
            SnippetPlace::GithubActions => "GitHub Actions, in the steps of a job",
            SnippetPlace::GitlabCi => "GitLab CI, in .gitlab-ci.yml",
            SnippetPlace::Shell => "Commands",
        };
        document = document
            .heading(title)
            .preformatted(snippet.text.trim_end());
    }
    document
        .heading("Findings")
        .append(findings(&report.findings))
}

fn targets(data: &CacheSetupData) -> Table {
    let mut table = Table::new([
        "Target",
        "Export",
        "Reused#",
        "min saves#",
        "min sends#",
        "max saves#",
        "max sends#",
    ]);
    for target in &data.targets {
        let saved = |saved_ms| format_duration(saved_ms);
        table.row([
            target.target.as_str().into(),
            export(target.mode).into(),
            reused(target).into(),
            saved(target.min.saved_ms).into(),
            format_bytes(target.min.size_bytes).into(),
            saved(target.max.saved_ms).into(),
            sent(target).into(),
        ]);
    }
    table
}

fn export(mode: CacheExportMode) -> &'static str {
    match mode {
        CacheExportMode::None => "none",
        CacheExportMode::Inline => "inline",
        CacheExportMode::Min => "mode=min",
        CacheExportMode::Max => "mode=max",
    }
}

fn reused(target: &TargetCacheSetup) -> String {
    let ratio = target.reuse_ratio.map(format_ratio);
    ratio.unwrap_or_else(|| "not known".to_owned())
}

fn sent(target: &TargetCacheSetup) -> String {
    let bytes = format_bytes(target.max.size_bytes);
    if target.are_sizes_known {
        bytes
    } else {
        format!("≥ {bytes}")
    }
}

fn steps(data: &CacheSetupData) -> Table {
    let mut table = Table::new(["Step", "In the image", "Time#", "Reused#"]);
    for target in &data.targets {
        for step in &target.steps {
            let name = format!("{}/{}: {}", target.target, step.stage, step.text);
            table.row([
                shortened(&name).into(),
                if step.is_in_image { "yes" } else { "no" }.into(),
                format_duration(step.duration_ms).into(),
                format!(
                    "{} of {}",
                    step.reused_count,
                    target.build_count.saturating_sub(1)
                )
                .into(),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use common::render::markdown;

    use super::*;

    const SAVED: &str = include_str!("../../../../tests/fixtures/reports/v1/cache-setup.json");

    #[test]
    fn it_says_what_to_export_why_and_how() {
        let report: Report<CacheSetupData> = serde_json::from_str(SAVED).unwrap();
        let shown = markdown::write(&document(&report));
        for line in [
            "50.0 MB of layers are taken to move in a second",
            "| app | mode=max | 75.0 % | 2.00 s | 40.0 MB | 1m 00s | ≥ 240 MB |",
            "app: 58.0 s of 1m 00s a run are saved",
            "| app/build: RUN make deps | no | 1m 20s | 3 of 4 |",
            "build-orchestrator build --cache-from type=local,src=.buildcache/app",
        ] {
            assert!(shown.contains(line), "{line} in\n{shown}");
        }
    }
}
