//! What would run again after a change, and how long that takes.
//!
//! `sources` says which steps take a path, `reruns` what follows from that, `times` what a step took
//! the last time, and `wall` how long it all takes with what runs at the same time.

pub(crate) mod commits;
mod graph;
mod lineage;
mod reruns;
mod sources;
mod times;
mod wall;

use std::collections::BTreeSet;

use crate::model::build::Step;
use crate::model::change::{Change, Offer};
use crate::model::history::Record;
use graph::Graph;
use lineage::Lineages;
use times::Times;

pub(crate) use reruns::{Cause, Likelihood, Rerun};
pub(crate) use times::Measured;

/// What a prediction goes out from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Basis<'a> {
    /// The last build.
    pub(crate) now: &'a Record,
    /// The builds before it, oldest first.
    pub(crate) past: &'a [Record],
    /// What its contexts offer to each of its targets.
    pub(crate) offers: &'a [Offer],
}

/// All that is known, made ready to be asked about changes.
#[derive(Debug)]
pub(crate) struct Predictor<'a> {
    basis: Basis<'a>,
    graph: Graph<'a>,
    times: Times<'a>,
}

/// A build after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prediction<'a> {
    /// Milliseconds of wall time, if the steps run that certainly or probably do.
    pub(crate) predicted_ms: u64,
    /// Milliseconds of wall time, if only those run that certainly do.
    pub(crate) certain_ms: u64,
    /// Milliseconds from the build's start to the end of each target, as `predicted_ms` counts.
    pub(crate) ends_ms: Vec<u64>,
    /// The steps that would run, target after target.
    pub(crate) steps: Vec<Predicted<'a>>,
}

/// A step that would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Predicted<'a> {
    /// The index of its target.
    pub(crate) target: usize,
    /// The step.
    pub(crate) step: &'a Step,
    /// How sure that is, and why.
    pub(crate) rerun: Rerun<'a>,
    /// The step of another target that does the work.
    pub(crate) shared_with: Option<&'a str>,
    /// What it took the last time. `None` when that is not known.
    pub(crate) measured: Option<Measured<'a>>,
}

impl Predicted<'_> {
    /// Whether the step is among those that are counted on to run.
    pub(crate) fn is_counted(&self) -> bool {
        self.rerun.likelihood <= Likelihood::Probable
    }
}

impl<'a> Predictor<'a> {
    /// Makes ready.
    pub(crate) fn new(basis: Basis<'a>) -> Self {
        let mut lineages = Lineages::default();
        let graph = Graph::new(&basis.now.build, &mut lineages);
        let times = Times::new(&graph, basis, &mut lineages);
        Self {
            basis,
            graph,
            times,
        }
    }

    /// Milliseconds of wall time when nothing runs.
    pub(crate) fn overhead_ms(&self) -> u64 {
        let nothing = vec![false; self.graph.nodes.len()];
        self.wall_ms(&nothing)
    }

    /// Ids of the steps that take changed paths, of those that are the same work the first.
    pub(crate) fn takers(&self, change: &Change) -> Vec<&'a str> {
        let taken = reruns::taken(&self.graph, change, self.basis.offers);
        let nodes = self.graph.nodes.iter().zip(taken);
        let taking = nodes.filter(|(_, taken)| !taken.paths.is_empty());
        let workers = taking.map(|(node, _)| &self.graph.nodes[node.worker]);
        let ids: BTreeSet<_> = workers.map(|worker| worker.step.id.as_str()).collect();
        ids.into_iter().collect()
    }

    /// Whether ignore files leave out all of a change.
    pub(crate) fn is_ignored(&self, change: &Change) -> bool {
        let targets = self.graph.targets.iter().zip(self.basis.offers);
        let mut offered = targets.flat_map(|(target, offer)| {
            let paths = change.contexts.get(&target.context_dir);
            let paths = paths.into_iter().flatten();
            paths.map(move |path| (path, offer))
        });
        offered.all(|(path, offer)| reruns::is_ignored(path, offer))
    }

    /// What a change would make run again.
    pub(crate) fn predict(&self, change: &Change) -> Prediction<'a> {
        let reruns = self.reruns(change);
        let runs = |least: Likelihood| -> Vec<bool> {
            let is_run = |rerun: &Option<Rerun<'_>>| {
                rerun
                    .as_ref()
                    .is_some_and(|rerun| rerun.likelihood <= least)
            };
            reruns.iter().map(is_run).collect()
        };
        let ends_ms = wall::ends_ms(
            &self.graph,
            &self.times,
            self.basis.now,
            &runs(Likelihood::Probable),
        );
        let certain_ms = self.wall_ms(&runs(Likelihood::Certain));
        let nodes = self.graph.nodes.iter().enumerate().zip(reruns);
        let steps = nodes.filter(|((_, node), _)| node.step.is_instruction);
        Prediction {
            predicted_ms: ends_ms.iter().copied().max().unwrap_or(0),
            certain_ms,
            ends_ms,
            steps: steps
                .filter_map(|((index, node), rerun)| {
                    Some(Predicted {
                        target: node.target,
                        step: node.step,
                        rerun: rerun?,
                        shared_with: (node.worker != index)
                            .then(|| self.graph.nodes[node.worker].step.id.as_str()),
                        measured: self.times.steps[node.worker],
                    })
                })
                .collect(),
        }
    }

    fn reruns(&self, change: &Change) -> Vec<Option<Rerun<'a>>> {
        let taken = reruns::taken(&self.graph, change, self.basis.offers);
        reruns::reruns(&self.graph, &self.times, &taken)
    }

    fn wall_ms(&self, runs: &[bool]) -> u64 {
        let ends_ms = wall::ends_ms(&self.graph, &self.times, self.basis.now, runs);
        ends_ms.into_iter().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
