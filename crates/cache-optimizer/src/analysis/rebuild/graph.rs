//! The steps of all targets, with what each uses, and which steps are the same work.

use std::collections::{BTreeMap, HashMap};

use super::sources::Sources;
use crate::analysis::earlier::{StepKey, keyed_instructions};
use crate::model::build::{Build, Step, Target};

/// The steps of a build.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    pub(super) targets: &'a [Target],
    /// Those of the first target, then those of the next, and so on.
    pub(super) nodes: Vec<Node<'a>>,
    /// The indexes of all steps, each after those that it uses.
    pub(super) order: Vec<usize>,
}

/// A step.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) step: &'a Step,
    /// What makes it the same in another build. `None` for all but instructions.
    pub(super) key: Option<StepKey<'a>>,
    /// The index of its target.
    pub(super) target: usize,
    /// What it uses.
    pub(super) uses: Vec<Use>,
    /// The step that does the work for all steps that are the same: the first of them.
    pub(super) worker: usize,
    /// What it takes from the context.
    pub(super) sources: Option<Sources<'a>>,
}

/// That a step uses the result of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use {
    /// The index of the other.
    pub(super) node: usize,
    /// Whether only the files that it takes are in its key. Else that the other ran is.
    pub(super) is_by_content: bool,
}

/// What makes steps of several targets the same work.
type Work<'a> = (
    &'a str,
    &'a str,
    Option<&'a str>,
    &'a BTreeMap<String, String>,
    StepKey<'a>,
);

impl<'a> Graph<'a> {
    pub(super) fn new(build: &'a Build) -> Self {
        let mut nodes: Vec<Node<'a>> = Vec::new();
        for (index, target) in build.targets.iter().enumerate() {
            let keys: HashMap<&str, StepKey<'_>> = keyed_instructions(target)
                .into_iter()
                .map(|(key, step)| (step.id.as_str(), key))
                .collect();
            nodes.extend(target.steps.iter().map(|step| Node {
                step,
                key: keys.get(step.id.as_str()).copied(),
                target: index,
                uses: Vec::new(),
                worker: 0,
                sources: Sources::of(step),
            }));
        }
        let index: HashMap<&str, usize> = nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (node.step.id.as_str(), index))
            .collect();
        let uses: Vec<Vec<Use>> = nodes
            .iter()
            .map(|node| uses(node, &index, &nodes, &build.targets[node.target]))
            .collect();
        let workers = workers(&nodes, &index, &build.targets);
        for ((node, uses), worker) in nodes.iter_mut().zip(uses).zip(workers) {
            node.uses = uses;
            node.worker = worker;
        }
        Self {
            targets: &build.targets,
            order: order(&nodes),
            nodes,
        }
    }

    /// Whether a target's image is another one when these steps run: one that leads to its end does.
    pub(super) fn is_image_new(&self, target: usize, runs: &[bool]) -> bool {
        let nodes = self.nodes.iter().zip(runs);
        let ran = nodes.filter(|(node, runs)| **runs && node.target == target);
        is_image_new(&self.targets[target], ran.map(|(node, _)| node.step))
    }
}

/// Whether one of the steps that ran is in the stage that becomes the image, or in one that it starts
/// from.
pub(super) fn is_image_new<'a>(target: &Target, ran: impl Iterator<Item = &'a Step>) -> bool {
    let Some(last) = target.stages.last() else {
        return ran.count() > 0;
    };
    let chain: Vec<_> = target
        .stage_chain(&last.label)
        .map(|stage| stage.label.as_str())
        .collect();
    let mut stages = ran.filter_map(|step| step.stage.as_deref());
    stages.any(|stage| chain.contains(&stage))
}

/// Whether a step only takes files of another: what it starts from is another step, of its own stage
/// or of one that this starts from.
pub(super) fn is_by_content(step: &Step, used: &Step, target: &Target) -> bool {
    match (step.stage.as_deref(), used.stage.as_deref()) {
        (Some(own), Some(other)) => {
            !target.stage_chain(own).any(|stage| stage.label == other) && own != other
        }
        _ => false,
    }
}

fn uses(
    node: &Node<'_>,
    index: &HashMap<&str, usize>,
    nodes: &[Node<'_>],
    target: &Target,
) -> Vec<Use> {
    let used = node.step.depends_on.iter();
    let used = used.filter_map(|id| index.get(id.as_str()).copied());
    used.map(|used| Use {
        node: used,
        is_by_content: is_by_content(node.step, nodes[used].step, target),
    })
    .collect()
}

/// The first of the steps that are the same work as each: by what the build found out, else because
/// targets of one Dockerfile, context, platform and arguments have them in common.
fn workers(nodes: &[Node<'_>], index: &HashMap<&str, usize>, targets: &[Target]) -> Vec<usize> {
    let mut first = HashMap::<Work<'_>, usize>::new();
    let mut workers = Vec::with_capacity(nodes.len());
    for (own, node) in nodes.iter().enumerate() {
        let shared = node.step.shared_with.as_deref();
        let shared = shared.and_then(|id| index.get(id).copied());
        let same = node.key.map(|key| {
            let target = &targets[node.target];
            let work = (
                target.dockerfile_path.as_str(),
                target.context_dir.as_str(),
                target.platform.as_deref(),
                &target.build_args,
                key,
            );
            *first.entry(work).or_insert(own)
        });
        let worker = shared.into_iter().chain(same).min().unwrap_or(own);
        workers.push(worker.min(own));
    }
    for own in 0..workers.len() {
        // One that shares with a step that itself shares does so with that one's worker.
        workers[own] = workers[workers[own]];
    }
    workers
}

/// Each step after those that it uses. In a report whose steps use each other in circles, which no
/// builder writes, some come too early.
fn order(nodes: &[Node<'_>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(nodes.len());
    let mut is_seen = vec![false; nodes.len()];
    for start in 0..nodes.len() {
        let mut open = vec![(start, false)];
        while let Some((at, is_done)) = open.pop() {
            if is_done {
                order.push(at);
            } else if !std::mem::replace(&mut is_seen[at], true) {
                open.push((at, true));
                open.extend(nodes[at].uses.iter().map(|used| (used.node, false)));
            }
        }
    }
    order
}
