//! The steps of all targets, with what each uses, and which steps are the same work.

use std::collections::{BTreeMap, HashMap};

use super::lineage::{Lineage, Lineages, order};
use super::sources::{Sources, takes_from_others};
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
    /// What makes it the same in another build.
    pub(super) lineage: Lineage,
    /// What else does, where steps before it were edited. `None` for all but instructions.
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
    Lineage,
);

impl<'a> Graph<'a> {
    pub(super) fn new(build: &'a Build, lineages: &mut Lineages) -> Self {
        let mut nodes: Vec<Node<'a>> = Vec::new();
        for (index, target) in build.targets.iter().enumerate() {
            nodes.extend(nodes_of(index, target, lineages));
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
        let used = |node: &Node<'_>| node.uses.iter().map(|used| used.node).collect();
        let used: Vec<Vec<usize>> = nodes.iter().map(used).collect();
        Self {
            targets: &build.targets,
            order: order(&used),
            nodes,
        }
    }

    /// Whether a target's image is another one when these steps run: its last one does.
    pub(super) fn is_image_new(&self, target: usize, runs: &[bool]) -> bool {
        let nodes = self.nodes.iter().zip(runs);
        let mut ran = nodes.filter(|(node, runs)| **runs && node.target == target);
        ran.any(|(node, _)| is_last(node.step, &self.targets[target]))
    }
}

/// Whether no other step uses the result of an instruction.
pub(super) fn is_last(step: &Step, target: &Target) -> bool {
    let mut others = target.steps.iter();
    step.is_instruction && !others.any(|other| other.depends_on.contains(&step.id))
}

fn nodes_of<'a>(
    index: usize,
    target: &'a Target,
    lineages: &mut Lineages,
) -> impl Iterator<Item = Node<'a>> {
    let keys: HashMap<&str, StepKey<'_>> = keyed_instructions(target)
        .into_iter()
        .map(|(key, step)| (step.id.as_str(), key))
        .collect();
    let steps = target.steps.iter().zip(lineages.of(target));
    steps.map(move |(step, lineage)| Node {
        step,
        lineage,
        key: keys.get(step.id.as_str()).copied(),
        target: index,
        uses: Vec::new(),
        worker: 0,
        sources: Sources::of(step),
    })
}

/// The one of the steps that a step uses that it starts from. The others are there for their files
/// alone. `None` when that cannot be said, or when it starts from nothing.
///
/// What a builder merged may carry the name of a stage that the step has nothing to do with.
pub(super) fn parent<'a>(step: &Step, used: &[&'a Step], target: &Target) -> Option<&'a str> {
    let line = |step: &Step| step.place.as_ref().map(|place| place.line);
    let own = used.iter().filter(|used| used.stage == step.stage);
    if let Some(previous) = own.max_by_key(|used| line(used)) {
        return Some(&previous.id);
    }
    if let Some(base) = used.iter().find(|used| used.is_base) {
        return Some(&base.id);
    }
    let label = step.stage.as_deref()?;
    let chain: Vec<_> = target
        .stage_chain(label)
        .map(|stage| stage.label.as_str())
        .collect();
    let is_in_chain = |used: &&&Step| used.stage.as_deref().is_some_and(|s| chain.contains(&s));
    let mut in_chain = used.iter().filter(is_in_chain);
    let first = in_chain.next()?;
    in_chain.next().is_none().then_some(&first.id)
}

fn uses(
    node: &Node<'_>,
    index: &HashMap<&str, usize>,
    nodes: &[Node<'_>],
    target: &Target,
) -> Vec<Use> {
    let ids = node.step.depends_on.iter();
    let used: Vec<usize> = ids
        .filter_map(|id| index.get(id.as_str()).copied())
        .collect();
    let steps: Vec<&Step> = used.iter().map(|&used| nodes[used].step).collect();
    let by_content = by_content(node.step, &steps, target);
    let both = used.into_iter().zip(by_content);
    both.map(|(node, is_by_content)| Use {
        node,
        is_by_content,
    })
    .collect()
}

/// For each of the steps that a step uses, whether only the files that it takes from there count.
pub(super) fn by_content(step: &Step, used: &[&Step], target: &Target) -> Vec<bool> {
    if !takes_from_others(step) {
        return vec![false; used.len()];
    }
    let parent = parent(step, used, target);
    let used = used.iter();
    used.map(|used| parent != Some(used.id.as_str())).collect()
}

/// The first of the steps that are the same work as each: by what the build found out, else because
/// targets of one Dockerfile, context, platform and arguments have them in common.
fn workers(nodes: &[Node<'_>], index: &HashMap<&str, usize>, targets: &[Target]) -> Vec<usize> {
    let mut first = HashMap::<Work<'_>, usize>::new();
    let mut workers = Vec::with_capacity(nodes.len());
    for (own, node) in nodes.iter().enumerate() {
        let shared = node.step.shared_with.as_deref();
        let shared = shared.and_then(|id| index.get(id).copied());
        let target = &targets[node.target];
        let work = (
            target.dockerfile_path.as_str(),
            target.context_dir.as_str(),
            target.platform.as_deref(),
            &target.build_args,
            node.lineage,
        );
        let same = *first.entry(work).or_insert(own);
        workers.push(shared.unwrap_or(own).min(same));
    }
    for own in 0..workers.len() {
        // One that shares with a step that itself shares does so with that one's worker.
        workers[own] = workers[workers[own]];
    }
    workers
}
