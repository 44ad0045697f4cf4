//! What steps took the last time they ran, and what past builds say of steps that take files from
//! others.

use std::collections::HashMap;

use super::Basis;
use super::graph::{Graph, Node, by_content, is_last};
use super::lineage::{Lineage, Lineages};
use super::reruns::Likelihood;
use crate::analysis::earlier::Earlier;
use crate::model::build::{Step, Target};
use crate::model::history::{Record, TargetTimes};

/// Chosen: the median of five outlives two builds that something else slowed down.
const BUILDS_MAX: usize = 5;

/// What is known of the time that a build takes.
#[derive(Debug)]
pub(super) struct Times<'a> {
    /// What each step took the last time it ran, by the step's index. `None` when that is not known.
    pub(super) steps: Vec<Option<Measured<'a>>>,
    /// What each step did in past builds when one that it takes files from ran.
    pub(super) seen: Vec<Seen>,
    /// The times of each target.
    pub(super) targets: Vec<Around>,
}

/// What a step took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Measured<'a> {
    /// Milliseconds that it ran.
    pub(crate) duration_ms: u64,
    /// Milliseconds that it waited before, after all that it uses was there.
    pub(crate) lag_ms: u64,
    /// The build that says so.
    pub(crate) build: &'a str,
}

/// What a step did when one that it takes files from ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// How often it ran too.
    pub(crate) ran_count: u32,
    /// How often it came from the cache.
    pub(crate) hit_count: u32,
}

/// Milliseconds that a target takes beside its steps.
#[expect(clippy::struct_field_names, reason = "units stand last")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Around {
    pub(super) lead_ms: u64,
    /// To write an image that is another one than before.
    pub(super) new_image_ms: u64,
    /// To name an image that is there. Where no build says, nothing.
    /// Source: measured, 4 to 11 ms on Engine 20.10
    pub(super) old_image_ms: u64,
}

impl Seen {
    pub(super) fn likelihood(self) -> Likelihood {
        if self.hit_count > self.ran_count {
            Likelihood::Improbable
        } else {
            Likelihood::Probable
        }
    }
}

/// A build of the past, where each of the targets of now is found in it.
struct Then<'a> {
    record: &'a Record,
    steps: HashMap<&'a str, &'a Step>,
    targets: Vec<Option<TargetThen<'a>>>,
}

/// A target as it was.
struct TargetThen<'a> {
    target: &'a Target,
    by_lineage: HashMap<Lineage, &'a Step>,
    by_key: Earlier<'a>,
}

impl<'a> TargetThen<'a> {
    fn new(target: &'a Target, now: &'a Target, lineages: &mut Lineages) -> Self {
        let steps = lineages.of(target).into_iter().zip(&target.steps);
        Self {
            target,
            by_lineage: steps.collect(),
            by_key: Earlier::new(target, now),
        }
    }
}

impl<'a> Then<'a> {
    fn new(record: &'a Record, now: &'a [Target], lineages: &mut Lineages) -> Self {
        let targets = &record.build.targets;
        let all_steps = targets.iter().flat_map(|target| &target.steps);
        let mut then = |now: &'a Target| {
            let then = targets.iter().find(|then| then.name == now.name)?;
            Some(TargetThen::new(then, now, lineages))
        };
        Self {
            record,
            steps: all_steps.map(|step| (step.id.as_str(), step)).collect(),
            targets: now.iter().map(&mut then).collect(),
        }
    }

    fn step(&self, node: &Node<'_>) -> Option<(&'a Target, &'a Step)> {
        let then = self.targets[node.target].as_ref()?;
        let equal = then.by_lineage.get(&node.lineage).copied();
        let step = equal.or_else(|| then.by_key.step(node.key?))?;
        Some((then.target, step))
    }

    /// The step that did the work of a step, if it was done in this build.
    fn worker(&self, step: &'a Step) -> Option<&'a Step> {
        let worker = match step.shared_with.as_deref() {
            Some(worker) => self.steps.get(worker).copied()?,
            None => step,
        };
        let is_done = worker.cached == Some(false) && !worker.is_failed;
        is_done.then_some(worker)
    }

    fn measured(&self, node: &Node<'_>) -> Option<Measured<'a>> {
        let (target, step) = self.step(node)?;
        let step = self.worker(step)?;
        let ends = self.used(step).filter_map(|used| {
            let used = self.worker(used)?;
            Some(used.started_ms? + used.duration_ms)
        });
        let times = self.record.times.get(&target.name);
        let ready_ms = times.map_or(0, |times| times.started_ms + times.lead_ms);
        let ready_ms = ends.fold(ready_ms, u64::max);
        Some(Measured {
            duration_ms: step.duration_ms,
            lag_ms: step.started_ms?.saturating_sub(ready_ms),
            build: &self.record.build.id,
        })
    }

    fn used(&self, step: &'a Step) -> impl Iterator<Item = &'a Step> {
        let ids = step.depends_on.iter();
        ids.filter_map(|id| self.steps.get(id.as_str()).copied())
    }

    /// Whether a step was decided by what it takes from others alone: such a one ran, nothing else that
    /// it uses did. `Some(true)` when it ran too.
    fn ran_for_content(&self, node: &Node<'_>) -> Option<bool> {
        let (target, step) = self.step(node)?;
        if self.record.build.no_cache || target.settings.no_cache {
            return None;
        }
        let used: Vec<_> = self.used(step).collect();
        let by_content = by_content(step, &used, target);
        let mut ran_count = 0;
        for (used, is_by_content) in used.into_iter().zip(by_content) {
            if used.is_instruction && self.worker(used).is_some() {
                if !is_by_content {
                    return None;
                }
                ran_count += 1;
            }
        }
        step.cached.filter(|_| ran_count > 0).map(|cached| !cached)
    }
}

impl<'a> Times<'a> {
    pub(super) fn new(graph: &Graph<'a>, basis: Basis<'a>, lineages: &mut Lineages) -> Self {
        // Oldest first, and the last build at the end.
        let records = basis.past.iter().chain([basis.now]);
        let builds: Vec<Then<'a>> = records
            .map(|record| Then::new(record, graph.targets, lineages))
            .collect();
        let newest = |node: &Node<'_>| builds.iter().rev().find_map(|then| then.measured(node));
        let own: Vec<_> = graph.nodes.iter().map(newest).collect();
        let targets = graph.targets.iter().enumerate();
        Self {
            steps: best_of_workers(graph, own),
            seen: graph.nodes.iter().map(|node| seen(node, &builds)).collect(),
            targets: targets
                .map(|(index, target)| around(index, target, &builds))
                .collect(),
        }
    }
}

/// Gives a step that was not measured itself what another target's took that is the same work.
fn best_of_workers<'a>(
    graph: &Graph<'_>,
    own: Vec<Option<Measured<'a>>>,
) -> Vec<Option<Measured<'a>>> {
    let mut of_workers = own.clone();
    for (node, measured) in graph.nodes.iter().zip(&own) {
        let of_worker = &mut of_workers[node.worker];
        *of_worker = of_worker.or(*measured);
    }
    let nodes = graph.nodes.iter().zip(own);
    nodes
        .map(|(node, measured)| of_workers[node.worker].or(measured))
        .collect()
}

/// Counts the builds in which only what a step takes from others could make it run, and in which the
/// builder had a result of it.
fn seen(node: &Node<'_>, builds: &[Then<'_>]) -> Seen {
    let mut seen = Seen::default();
    if !node.uses.iter().any(|used| used.is_by_content) {
        return seen;
    }
    let mut has_result = false;
    for then in builds {
        match then.ran_for_content(node).filter(|_| has_result) {
            Some(true) => seen.ran_count += 1,
            Some(false) => seen.hit_count += 1,
            None => {}
        }
        has_result |= then
            .step(node)
            .is_some_and(|(_, step)| step.cached.is_some());
    }
    seen
}

fn around(index: usize, target: &Target, builds: &[Then<'_>]) -> Around {
    let mut known = Vec::new();
    for then in builds.iter().rev() {
        let Some(TargetThen {
            target: earlier, ..
        }) = &then.targets[index]
        else {
            continue;
        };
        let Some(times) = then.record.times.get(&target.name) else {
            continue;
        };
        if earlier.is_built {
            let mut ran = earlier
                .steps
                .iter()
                .filter(|step| then.worker(step).is_some());
            let is_new = ran.any(|step| is_last(step, earlier));
            let is_warm = earlier.hits().next().is_some();
            known.push((is_new, is_warm, times));
        }
    }
    let images = |wanted: bool| known.iter().filter(move |(is_new, _, _)| *is_new == wanted);
    let export = |(_, is_warm, times): &(bool, bool, &TargetTimes)| (*is_warm, times.export_ms);
    Around {
        lead_ms: median(
            known
                .iter()
                .map(|(_, is_warm, times)| (*is_warm, times.lead_ms)),
        ),
        new_image_ms: median(images(true).map(export)),
        old_image_ms: median(images(false).map(export)),
    }
}

/// The median of the newest values, which come first: of those that were measured with a warm cache,
/// as a rebuild has one, else of all. 0 when there are none.
fn median(values: impl Iterator<Item = (bool, u64)>) -> u64 {
    let values: Vec<_> = values.collect();
    let warm = values.iter().filter(|(is_warm, _)| *is_warm);
    let mut newest: Vec<_> = warm.map(|(_, value)| *value).take(BUILDS_MAX).collect();
    if newest.is_empty() {
        newest = values
            .iter()
            .map(|(_, value)| *value)
            .take(BUILDS_MAX)
            .collect();
    }
    newest.sort_unstable();
    newest.get(newest.len() / 2).copied().unwrap_or(0)
}
