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
    let shown = shown.join(", ");
    match names.len().saturating_sub(PATHS_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn summary(rebuild: &Rebuild) -> String {
    let steps = rebuild.targets.iter().flat_map(|target| &target.steps);
    let own = steps.filter(|step| step.shared_with.is_none());
    let (certain, possible): (Vec<_>, Vec<_>) =
        own.partition(|step| step.likelihood == Likelihood::Certain);
    let certain = format_count(certain.len() as u64, "step");
    let possible = match possible.len() as u64 {
        0 => String::new(),
        count => format!(", {} may", format_count(count, "more step")),
    };
    let predicted = format_duration(rebuild.predicted_ms);
    let least = if rebuild.certain_ms == rebuild.predicted_ms {
        String::new()
    } else {
        let certain = format_duration(rebuild.certain_ms);
        format!(", or {certain} if only what is certain runs")
    };
    let unknown = without(rebuild.unknown_count.into());
    format!("{certain} run again{possible}: the build takes {predicted}{least}{unknown}")
}

/// What is left out of a time, if anything is.
fn without(unknown_count: u64) -> String {
    match unknown_count {
        0 => String::new(),
        count => format!(
            "; without {} whose time is not known",
            format_count(count, "step")
        ),
    }
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
    document
        .heading("Per commit")
        .paragraph(commit_summary(commits))
        .heading("Files")
        .table(files(commits))
        .heading("Steps")
        .table(step_costs(commits))
}

fn commit_summary(commits: &CommitCosts) -> String {
    let count = format_count(commits.commit_count.into(), "commit");
    let rebuild_count = commits.rebuild_count;
    let expected = format_duration(commits.expected_ms);
    let steps = format_duration(commits.expected_step_ms);
    let unknown = without(commits.unknown_steps.len() as u64);
    let recipes = match commits.recipe_commit_count {
        0 => String::new(),
        count => format!(
            "; the edits of Dockerfiles and ignore files in {} are left out",
            format_count(count.into(), "commit")
        ),
    };
    let shallow = if commits.is_shallow && commits.commit_count < commits.commits_max {
        "; the clone is shallow, and has no more"
    } else {
        ""
    };
    format!(
        "{count}, {rebuild_count} of which make steps run: in the mean a build takes {expected}, and its \
         steps {steps}{unknown}{recipes}{shallow}"
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    fn step(likelihood: Likelihood, shared_with: Option<&str>) -> RebuiltStep {
        RebuiltStep {
            step: "app/1".to_owned(),
            name: "RUN make".to_owned(),
            location: None,
            likelihood,
            cause: RebuildCause::DependencyRan {
                step: "app/0".to_owned(),
            },
            shared_with: shared_with.map(str::to_owned),
            duration_ms: None,
            measured_in: None,
        }
    }

    fn rebuild(steps: Vec<RebuiltStep>, (predicted_ms, certain_ms): (u64, u64)) -> Rebuild {
        Rebuild {
            predicted_ms,
            certain_ms,
            step_ms: 0,
            unknown_count: 0,
            targets: vec![common::report::TargetRebuild {
                target: "app".to_owned(),
                ended_ms: predicted_ms,
                steps,
            }],
        }
    }

    #[test]
    fn a_shared_step_is_counted_once_and_what_may_run_apart() {
        let steps = vec![
            step(Likelihood::Certain, None),
            step(Likelihood::Certain, Some("app/1")),
            step(Likelihood::Probable, None),
        ];
        let expected = "1 step run again, 1 more step may: the build takes 2.00 s, or 1.00 s if only what \
                        is certain runs";
        assert_eq!(summary(&rebuild(steps, (2000, 1000))), expected);
    }

    #[test]
    fn a_change_of_nothing_says_so() {
        let shown = summary(&rebuild(Vec::new(), (200, 200)));
        assert_eq!(shown, "0 steps run again: the build takes 200 ms");
    }

    #[test]
    fn a_time_that_is_not_known_is_said() {
        assert_eq!(time(&step(Likelihood::Certain, None)), "unknown");
        let mut rebuild = rebuild(Vec::new(), (200, 200));
        rebuild.unknown_count = 2;
        assert!(summary(&rebuild).ends_with("; without 2 steps whose time is not known"));
    }

    #[test]
    fn a_long_list_of_paths_is_cut() {
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        assert_eq!(list(&names), "a, b, c and 2 more");
    }
}
