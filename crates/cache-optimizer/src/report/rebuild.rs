//! From a prediction to the wire: the rebuild report.

use common::report::{
    ChangedPath, CommitCosts, FileCost, Input, Likelihood, Location, PathEffect, Rebuild,
    RebuildCause, RebuildData, RebuiltStep, Report, StepCost, TargetRebuild, Tool, Verdict,
};
use std::path::Path;

use crate::analysis::rebuild::{self, Basis, Cause, Predicted, Prediction, Predictor, commits};
use crate::model::build::Step;
use crate::model::change::{Asked, Change, Commits};

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Questions<'a> {
    /// The paths that change.
    pub(crate) asked: &'a [Asked],
    /// The commits, or why they are not known.
    pub(crate) commits: Result<&'a Commits, &'a String>,
}

/// Writes the report. `received` are the inputs that came as reports. Nothing is required, so the
/// verdict is always `pass`.
pub(crate) fn report(
    predictor: &Predictor<'_>,
    basis: Basis<'_>,
    questions: Questions<'_>,
    received: Vec<Input>,
    created_at: String,
) -> Report<RebuildData> {
    let tool = Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let history: Vec<_> = basis
        .past
        .iter()
        .map(|past| past.build.id.clone())
        .collect();
    let mut inputs = received;
    inputs.extend(history.iter().map(|id| Input {
        kind: "report".to_owned(),
        id: id.clone(),
    }));
    let data = RebuildData {
        report: basis.now.build.id.clone(),
        history,
        overhead_ms: predictor.overhead_ms(),
        changed: questions
            .asked
            .iter()
            .map(|asked| changed_path(asked, predictor))
            .collect(),
        rebuild: rebuild(predictor, basis, questions.asked),
        commits: questions
            .commits
            .ok()
            .map(|commits| commit_costs(&predictor.commit_costs(commits), commits)),
        no_commits_because: questions.commits.err().cloned(),
    };
    Report::new(tool, created_at, Verdict::Pass, inputs, Vec::new(), data)
}

fn changed_path(asked: &Asked, predictor: &Predictor<'_>) -> ChangedPath {
    let steps = predictor.takers(&asked.change);
    let effect = if asked.is_recipe {
        PathEffect::Recipe
    } else if !steps.is_empty() {
        PathEffect::Taken
    } else if predictor.is_ignored(&asked.change) {
        PathEffect::Ignored
    } else {
        PathEffect::Unused
    };
    ChangedPath {
        path: asked.path.clone(),
        effect,
        steps: steps.into_iter().map(str::to_owned).collect(),
    }
}

fn rebuild(predictor: &Predictor<'_>, basis: Basis<'_>, asked: &[Asked]) -> Option<Rebuild> {
    let mut all = Change::default();
    for asked in asked {
        all.add(&asked.change);
    }
    (!asked.is_empty()).then(|| rebuild_of(&predictor.predict(&all), basis))
}

fn rebuild_of(prediction: &Prediction<'_>, basis: Basis<'_>) -> Rebuild {
    let own = prediction.steps.iter();
    let counted = own.filter(|predicted| predicted.is_counted() && predicted.shared_with.is_none());
    let (known, unknown): (Vec<_>, Vec<_>) =
        counted.partition(|predicted| predicted.measured.is_some());
    let duration_ms = |predicted: &&Predicted<'_>| predicted.measured.map(|it| it.duration_ms);
    let targets = basis.now.build.targets.iter().zip(&prediction.ends_ms);
    let targets = targets.enumerate().map(|(index, (target, &ended_ms))| {
        let steps = prediction.steps.iter();
        TargetRebuild {
            target: target.name.clone(),
            ended_ms,
            steps: steps
                .filter(|predicted| predicted.target == index)
                .map(rebuilt_step)
                .collect(),
        }
    });
    Rebuild {
        predicted_ms: prediction.predicted_ms,
        certain_ms: prediction.certain_ms,
        step_ms: known.iter().filter_map(duration_ms).sum(),
        unknown_count: u32::try_from(unknown.len()).unwrap_or(u32::MAX),
        targets: targets.collect(),
    }
}

fn rebuilt_step(predicted: &Predicted<'_>) -> RebuiltStep {
    let step = predicted.step;
    RebuiltStep {
        step: step.id.clone(),
        name: step.name.clone(),
        location: location(step),
        likelihood: likelihood(predicted.rerun.likelihood),
        cause: cause(&predicted.rerun.cause),
        shared_with: predicted.shared_with.map(str::to_owned),
        duration_ms: predicted.measured.map(|measured| measured.duration_ms),
        measured_in: predicted.measured.map(|measured| measured.build.to_owned()),
    }
}

fn location(step: &Step) -> Option<Location> {
    step.place.as_ref().map(|place| Location {
        path: place.path.clone(),
        line: place.line,
    })
}

fn likelihood(likelihood: rebuild::Likelihood) -> Likelihood {
    match likelihood {
        rebuild::Likelihood::Certain => Likelihood::Certain,
        rebuild::Likelihood::Probable => Likelihood::Probable,
        rebuild::Likelihood::Improbable => Likelihood::Improbable,
    }
}

fn cause(cause: &Cause<'_>) -> RebuildCause {
    match cause {
        Cause::FilesChanged(paths) => RebuildCause::FilesChanged {
            paths: paths.clone(),
        },
        Cause::DependencyRan(step) => RebuildCause::DependencyRan {
            step: (*step).to_owned(),
        },
        Cause::FilesOfStep { step, seen } => RebuildCause::FilesOfStep {
            step: (*step).to_owned(),
            ran_count: seen.ran_count,
            hit_count: seen.hit_count,
        },
    }
}

fn commit_costs(costs: &commits::Costs<'_>, commits: &Commits) -> CommitCosts {
    let count = commits.list.len() as u64;
    let mean = |sum_ms: u64| (sum_ms + count / 2).checked_div(count).unwrap_or(0);
    let id = |commit: Option<&crate::model::change::Commit>| {
        commit.map(|commit| commit.id.clone()).unwrap_or_default()
    };
    let unknown = costs.steps.iter().filter(|cost| cost.duration_ms.is_none());
    let mut unknown_steps: Vec<_> = unknown.map(|cost| cost.step.id.clone()).collect();
    unknown_steps.sort();
    CommitCosts {
        commit_count: u32::try_from(count).unwrap_or(u32::MAX),
        rebuild_count: costs.rebuild_count,
        commits_max: commits.count_max,
        is_shallow: commits.is_shallow,
        first_commit: id(commits.list.last()),
        last_commit: id(commits.list.first()),
        expected_ms: mean(costs.wall_ms),
        expected_step_ms: mean(costs.step_ms),
        unknown_steps,
        files: costs.files.iter().map(file_cost).collect(),
        steps: costs.steps.iter().map(step_cost).collect(),
        recipe_commit_count: costs.recipe_count,
    }
}

fn file_cost(cost: &commits::FileCost) -> FileCost {
    let path = match cost.context_dir.as_str() {
        "." => cost.path.clone(),
        dir => Path::new(dir).join(&cost.path).display().to_string(),
    };
    FileCost {
        path,
        commit_count: cost.commit_count,
        step_ms: cost.step_ms,
    }
}

fn step_cost(cost: &commits::StepCost<'_>) -> StepCost {
    StepCost {
        step: cost.step.id.clone(),
        name: cost.step.name.clone(),
        location: location(cost.step),
        certain_count: cost.certain_count,
        possible_count: cost.possible_count,
        duration_ms: cost.duration_ms,
        step_ms: cost.step_ms,
    }
}
