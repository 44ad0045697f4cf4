//! What the commits of the past would have cost, by file and by step.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Likelihood, Predicted, Predictor};
use crate::model::build::Step;
use crate::model::change::{Change, Commits, Offer};

/// What commits cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Costs<'a> {
    /// How many commits make a step run.
    pub(crate) rebuild_count: u32,
    /// How many touch a Dockerfile or an ignore file.
    pub(crate) recipe_count: u32,
    /// Milliseconds of wall time of all commits.
    pub(crate) wall_ms: u64,
    /// Milliseconds of the steps of all commits.
    pub(crate) step_ms: u64,
    /// The files that make steps run, most expensive first.
    pub(crate) files: Vec<FileCost>,
    /// The steps that would run, most expensive first.
    pub(crate) steps: Vec<StepCost<'a>>,
}

/// What the changes of a file cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileCost {
    /// The context, as the build report names it.
    pub(crate) context_dir: String,
    /// The path in it.
    pub(crate) path: String,
    /// How many commits touch it.
    pub(crate) commit_count: u32,
    /// Milliseconds of steps.
    pub(crate) step_ms: u64,
}

/// What running a step costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepCost<'a> {
    /// The step.
    pub(crate) step: &'a Step,
    /// In how many commits it certainly runs.
    pub(crate) certain_count: u32,
    /// In how many more it may.
    pub(crate) possible_count: u32,
    /// What it took the last time. `None` when that is not known.
    pub(crate) duration_ms: Option<u64>,
    /// Milliseconds of all commits.
    pub(crate) step_ms: u64,
}

impl<'a> Predictor<'a> {
    /// What commits would cost, each built on the one before it.
    pub(crate) fn commit_costs(&self, commits: &Commits) -> Costs<'a> {
        let mut sums = Sums::default();
        for commit in &commits.list {
            let prediction = self.predict(&commit.change);
            sums.wall_ms += prediction.predicted_ms;
            sums.recipe_count += u32::from(self.touches_recipe(&commit.change));
            sums.rebuild_count += u32::from(prediction.steps.iter().any(Predicted::is_counted));
            let own = prediction.steps.iter();
            for predicted in own.filter(|predicted| predicted.shared_with.is_none()) {
                sums.add(predicted);
            }
        }
        sums.costs(commits)
    }

    fn touches_recipe(&self, change: &Change) -> bool {
        let targets = self.graph.targets.iter().zip(self.basis.offers);
        targets
            .into_iter()
            .any(|(target, Offer { recipe_paths, .. })| {
                let paths = change.contexts.get(&target.context_dir);
                let mut paths = paths.into_iter().flatten();
                paths.any(|change| recipe_paths.contains(&change.path))
            })
    }
}

#[derive(Default)]
struct Sums<'a> {
    rebuild_count: u32,
    recipe_count: u32,
    wall_ms: u64,
    step_ms: u64,
    /// Microseconds by context and path, because a step's time is divided among many.
    files: BTreeMap<(String, String), u64>,
    steps: BTreeMap<&'a str, StepCost<'a>>,
}

impl<'a> Sums<'a> {
    fn add(&mut self, predicted: &Predicted<'a>) {
        let duration_ms = predicted.measured.map(|measured| measured.duration_ms);
        let cost = self.steps.entry(&predicted.step.id).or_insert(StepCost {
            step: predicted.step,
            certain_count: 0,
            possible_count: 0,
            duration_ms,
            step_ms: 0,
        });
        if predicted.rerun.likelihood == Likelihood::Certain {
            cost.certain_count += 1;
        } else {
            cost.possible_count += 1;
        }
        if !predicted.is_counted() {
            return;
        }
        let duration_ms = duration_ms.unwrap_or(0);
        cost.step_ms += duration_ms;
        self.step_ms += duration_ms;
        let roots = &predicted.rerun.roots;
        for (context_dir, path) in roots {
            let key = ((*context_dir).to_owned(), path.clone());
            *self.files.entry(key).or_default() += duration_ms * 1000 / roots.len() as u64;
        }
    }

    fn costs(self, commits: &Commits) -> Costs<'a> {
        let counts = commit_counts(commits);
        let file = |((context_dir, path), step_us): ((String, String), u64)| FileCost {
            commit_count: counts
                .get(&(context_dir.as_str(), path.as_str()))
                .copied()
                .unwrap_or(0),
            context_dir,
            path,
            step_ms: (step_us + 500) / 1000,
        };
        let mut files: Vec<_> = self.files.into_iter().map(file).collect();
        files.sort_by_key(|file| (Reverse(file.step_ms), Reverse(file.commit_count)));
        let mut steps: Vec<_> = self.steps.into_values().collect();
        let count = |cost: &StepCost<'_>| cost.certain_count + cost.possible_count;
        steps.sort_by_key(|cost| (Reverse(cost.step_ms), Reverse(count(cost))));
        Costs {
            rebuild_count: self.rebuild_count,
            recipe_count: self.recipe_count,
            wall_ms: self.wall_ms,
            step_ms: self.step_ms,
            files,
            steps,
        }
    }
}

/// How many commits touch each path, by context.
fn commit_counts(commits: &Commits) -> BTreeMap<(&str, &str), u32> {
    let mut counts = BTreeMap::new();
    for commit in &commits.list {
        for (context_dir, paths) in &commit.change.contexts {
            let paths: BTreeSet<_> = paths.iter().map(|change| change.path.as_str()).collect();
            for path in paths {
                *counts.entry((context_dir.as_str(), path)).or_default() += 1;
            }
        }
    }
    counts
}
