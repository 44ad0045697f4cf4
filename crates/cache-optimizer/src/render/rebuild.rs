//! Shows a rebuild report to people; sees nothing but the report.

use common::render::{Cell, Document, Table, Tone};
use common::report::{
    ChangedPath, CommitCosts, Likelihood, Location, PathEffect, Rebuild, RebuildCause, RebuildData,
    RebuiltStep, Report,
};
use common::units::{format_count, format_duration};
use std::collections::HashMap;

use super::because::shortened;

/// Chosen: the files and steps that most of the time goes to; a report for programs has all.
const ROWS_MAX: usize = 20;

/// Chosen: a table's cell stays readable.
const PATHS_MAX: usize = 3;

/// The document for one report.
pub(crate) fn document(report: &Report<RebuildData>) -> Document {
    let data = &report.data;
    let mut document = Document::new().heading("Rebuilds");
    document = document.paragraph(format!(
        "A build in which nothing runs takes {}",
        format_duration(data.overhead_ms)
    ));
    if let Some(rebuild) = &data.rebuild {
        document = document
            .heading("After this change")
            .table(changed(&data.changed))
            .paragraph(summary(rebuild))
            .table(steps(rebuild));
    }
    if let Some(commits) = &data.commits {
        document = commit_costs(document, commits);
    }
    if let Some(reason) = &data.no_commits_because {
        document = document.paragraph(format!("Commits are left out: {reason}"));
    }
    document
}

fn changed(changed: &[ChangedPath]) -> Table {
    let mut table = Table::new(["Path", "Effect"]);
    for changed in changed {
        let effect = match changed.effect {
            PathEffect::Taken => format!("taken by {}", list(&changed.steps)),
            PathEffect::Unused => "no step takes it".to_owned(),
            PathEffect::Ignored => "left out by an ignore file".to_owned(),
            PathEffect::Recipe => {
                "what runs depends on the edit: build, and compare with `analyze`".to_owned()
            }
        };
        let tone = match changed.effect {
            PathEffect::Recipe => Tone::Warning,
            PathEffect::Taken | PathEffect::Unused | PathEffect::Ignored => Tone::Plain,
        };
        table.row([changed.path.as_str().into(), Cell::toned(effect, tone)]);
    }
    table
}

fn list(names: &[String]) -> String {
    let shown = names.iter().take(PATHS_MAX).cloned().collect::<Vec<_>>();
    let mut text = shown.join(", ");
    if names.len() > PATHS_MAX {
        text += &format!(" and {} more", names.len() - PATHS_MAX);
    }
    text
}

fn summary(rebuild: &Rebuild) -> String {
    let steps = rebuild.targets.iter().flat_map(|target| &target.steps);
    let own = steps.filter(|step| step.shared_with.is_none());
    let (certain, possible): (Vec<_>, Vec<_>) =
        own.partition(|step| step.likelihood == Likelihood::Certain);
    let mut text = format!("{} run again", format_count(certain.len() as u64, "step"));
    if !possible.is_empty() {
        text += &format!(", {} may", format_count(possible.len() as u64, "more step"));
    }
    text += &format!(
        ": the build takes {}",
        format_duration(rebuild.predicted_ms)
    );
    if rebuild.certain_ms != rebuild.predicted_ms {
        let certain = format_duration(rebuild.certain_ms);
        text += &format!(", or {certain} if only what is certain runs");
    }
    if rebuild.unknown_count > 0 {
        let unknown = format_count(rebuild.unknown_count.into(), "step");
        text += &format!("; without {unknown} whose time is not known");
    }
    text
}

fn steps(rebuild: &Rebuild) -> Table {
    let all: Vec<_> = rebuild.targets.iter().flat_map(|it| &it.steps).collect();
    let names: HashMap<&str, &str> = all
        .iter()
        .map(|step| (step.step.as_str(), step.name.as_str()))
        .collect();
    let mut table = Table::new(["Step", "Instruction", "Place", "Runs", "Time#", "Because"]);
    for step in all {
        let runs = match step.likelihood {
            Likelihood::Certain => "certainly",
            Likelihood::Probable => "probably",
            Likelihood::Improbable => "probably not",
        };
        table.row([
            step.step.as_str().into(),
            shortened(&step.name).into(),
            place(step.location.as_ref()).into(),
            runs.into(),
            time(step).into(),
            because(step, &names).into(),
        ]);
    }
    table
}

fn place(location: Option<&Location>) -> String {
    location.map_or_else(|| "-".to_owned(), Location::to_string)
}

fn time(step: &RebuiltStep) -> String {
    match (&step.shared_with, step.duration_ms) {
        (Some(_), _) => "shared".to_owned(),
        (None, Some(duration_ms)) => format_duration(duration_ms),
        (None, None) => "unknown".to_owned(),
    }
}

fn because(step: &RebuiltStep, names: &HashMap<&str, &str>) -> String {
    let shown = |id: &str| shortened(names.get(id).copied().unwrap_or(id));
    match &step.cause {
        RebuildCause::FilesChanged { paths } => format!("{} changes", list(paths)),
        RebuildCause::DependencyRan { step } => format!("{} runs", shown(step)),
        RebuildCause::FilesOfStep {
            step,
            ran_count,
            hit_count,
        } => {
            let text = format!("{} runs, and may write other files", shown(step));
            match ran_count + hit_count {
                0 => text,
                seen => format!(
                    "{text}: it did in {ran_count} of {}",
                    format_count(seen.into(), "build")
                ),
            }
        }
    }
}

fn commit_costs(document: Document, commits: &CommitCosts) -> Document {
    let mut text = format!(
        "{}, {} of which make steps run: a build takes {} in the mean, {} of it steps",
        format_count(commits.commit_count.into(), "commit"),
        commits.rebuild_count,
        format_duration(commits.expected_ms),
        format_duration(commits.expected_step_ms),
    );
    if !commits.unknown_steps.is_empty() {
        let unknown = format_count(commits.unknown_steps.len() as u64, "step");
        text += &format!("; without {unknown} whose time is not known");
    }
    if commits.recipe_commit_count > 0 {
        text += &format!(
            "; the edits of Dockerfiles and ignore files in {} are left out",
            format_count(commits.recipe_commit_count.into(), "commit")
        );
    }
    if commits.is_shallow && commits.commit_count < commits.commits_max {
        text += "; the clone is shallow, and has no more";
    }
    document
        .heading("Per commit")
        .paragraph(text)
        .heading("Files")
        .table(files(commits))
        .heading("Steps")
        .table(step_costs(commits))
}

fn files(commits: &CommitCosts) -> Table {
    let mut table = Table::new(["File", "Commits#", "Time#", "Per commit#"]);
    for file in commits.files.iter().take(ROWS_MAX) {
        table.row([
            file.path.as_str().into(),
            file.commit_count.to_string().into(),
            format_duration(file.step_ms).into(),
            per_commit(file.step_ms, commits).into(),
        ]);
    }
    table
}

fn step_costs(commits: &CommitCosts) -> Table {
    let mut table = Table::new([
        "Step",
        "Instruction",
        "Place",
        "Certain#",
        "Possible#",
        "Time each#",
        "Per commit#",
    ]);
    for cost in commits.steps.iter().take(ROWS_MAX) {
        let each = cost
            .duration_ms
            .map_or_else(|| "unknown".to_owned(), format_duration);
        table.row([
            cost.step.as_str().into(),
            shortened(&cost.name).into(),
            place(cost.location.as_ref()).into(),
            cost.certain_count.to_string().into(),
            cost.possible_count.to_string().into(),
            each.into(),
            per_commit(cost.step_ms, commits).into(),
        ]);
    }
    table
}

fn per_commit(sum_ms: u64, commits: &CommitCosts) -> String {
    let count = u64::from(commits.commit_count.max(1));
    format_duration((sum_ms + count / 2) / count)
}
