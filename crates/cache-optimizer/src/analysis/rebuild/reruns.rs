//! Which steps run again after a change, how sure that is, and why.
//!
//! Source: research/cache.md sections 2.1, 2.2 and 2.6: a step is keyed by the key of what it starts
//! from, and by the content of the files that it takes.

use std::collections::BTreeSet;

use super::graph::{Graph, Node, Use};
use super::sources::Takes;
use super::times::{Seen, Times};
use crate::model::change::{Change, Offer, PathChange};

/// How sure it is that a step runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likelihood {
    /// Its cache key changes.
    Certain,
    /// It may not: past builds do not tell, or say that it mostly ran.
    Probable,
    /// In past builds it mostly came from the cache.
    Improbable,
}

/// That a step runs again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rerun<'a> {
    /// How sure it is.
    pub(crate) likelihood: Likelihood,
    /// The first cause that makes it so sure.
    pub(crate) cause: Cause<'a>,
    /// All changed paths that lead to it, with the contexts that they lie in.
    pub(crate) roots: BTreeSet<(&'a str, String)>,
}

/// Why a step runs again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause<'a> {
    /// It takes changed paths.
    FilesChanged(Vec<String>),
    /// It starts from a step that runs.
    DependencyRan(&'a str),
    /// It takes files from a step that runs.
    FilesOfStep {
        /// That step.
        step: &'a str,
        /// What it did in past builds when that step ran.
        seen: Seen,
    },
}

/// The changed paths that a step takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Whether it surely takes one.
    pub(super) is_certain: bool,
    /// The paths within its context, sorted.
    pub(super) paths: Vec<String>,
}

/// What each step takes of a change.
pub(super) fn taken(graph: &Graph<'_>, change: &Change, offers: &[Offer]) -> Vec<Taken> {
    let offered: Vec<Vec<&PathChange>> = graph
        .targets
        .iter()
        .zip(offers)
        .map(|(target, offer)| {
            let paths = change.contexts.get(&target.context_dir);
            let paths = paths.into_iter().flatten();
            paths.filter(|path| !is_ignored(path, offer)).collect()
        })
        .collect();
    let taken = |node: &Node<'_>| {
        let mut taken = Taken::default();
        let Some(sources) = &node.sources else {
            return taken;
        };
        for path in &offered[node.target] {
            let takes = sources.takes(path);
            if takes != Takes::Not {
                taken.is_certain |= takes == Takes::Surely;
                taken.paths.push(path.path.clone());
            }
        }
        taken
    };
    graph.nodes.iter().map(taken).collect()
}

/// Of a folder that is left out, an exception may be in the context all the same.
pub(super) fn is_ignored(change: &PathChange, offer: &Offer) -> bool {
    !change.path.is_empty() && !change.is_folder && offer.ignore.ignores_path(&change.path)
}

/// The steps that run when each takes these paths.
pub(super) fn reruns<'a>(
    graph: &Graph<'a>,
    times: &Times<'a>,
    taken: &[Taken],
) -> Vec<Option<Rerun<'a>>> {
    let mut reruns: Vec<Option<Rerun<'a>>> = vec![None; graph.nodes.len()];
    for &index in &graph.order {
        let node = &graph.nodes[index];
        let own = own(node, &taken[index], graph);
        let used = node.uses.iter().filter_map(|used| {
            let rerun = reruns[used.node].as_ref()?;
            Some(through(*used, rerun, graph, times.seen[index]))
        });
        reruns[index] = own.into_iter().chain(used).reduce(stronger);
    }
    reruns
}

fn own<'a>(node: &Node<'a>, taken: &Taken, graph: &Graph<'a>) -> Option<Rerun<'a>> {
    let context_dir = graph.targets[node.target].context_dir.as_str();
    let roots = taken.paths.iter().map(|path| (context_dir, path.clone()));
    (!taken.paths.is_empty()).then(|| Rerun {
        likelihood: if taken.is_certain {
            Likelihood::Certain
        } else {
            Likelihood::Probable
        },
        cause: Cause::FilesChanged(taken.paths.clone()),
        roots: roots.collect(),
    })
}

/// What follows for a step from one that it uses.
fn through<'a>(used: Use, rerun: &Rerun<'a>, graph: &Graph<'a>, seen: Seen) -> Rerun<'a> {
    let step = graph.nodes[used.node].step;
    let roots = rerun.roots.clone();
    if used.is_by_content {
        return Rerun {
            likelihood: rerun.likelihood.max(seen.likelihood()),
            cause: Cause::FilesOfStep {
                step: &step.id,
                seen,
            },
            roots,
        };
    }
    let cause = if step.is_instruction {
        Cause::DependencyRan(&step.id)
    } else {
        // The builder's own work between two steps, such as a merge, is no cause that helps.
        rerun.cause.clone()
    };
    Rerun {
        likelihood: rerun.likelihood,
        cause,
        roots,
    }
}

/// The surer of two reruns, the first where both are as sure, with the paths of both.
fn stronger<'a>(mut first: Rerun<'a>, mut second: Rerun<'a>) -> Rerun<'a> {
    if second.likelihood < first.likelihood {
        std::mem::swap(&mut first, &mut second);
    }
    first.roots.append(&mut second.roots);
    first
}
