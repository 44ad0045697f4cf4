//! The chain of steps that decided how long a build took.
//!
//! Found in the recorded times: from the step that ended last, back to the one among those it
//! waited for that ended last, and so on to the start. To shorten the build, shorten one of these.

use std::collections::{HashMap, HashSet};

use crate::model::step::{Step, StepKind};

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// The step's id.
    pub(crate) step: String,
    /// How long the step ran.
    pub(crate) duration_ms: u64,
    /// The time between the end of the link before it, or the build's start, and its start.
    pub(crate) waited_ms: u64,
}

/// The steps of one target, and the targets that had to be done first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TargetSteps<'a> {
    /// The target's name.
    pub(crate) name: &'a str,
    /// Its steps.
    pub(crate) steps: &'a [Step],
    /// Names of the targets that it depends on.
    pub(crate) depends_on: &'a [String],
    /// When it started; later than the build where it waited for a free slot.
    pub(crate) started_ms: u64,
}

/// The chain of steps that decided the end of the build, first to last.
///
/// Only steps that took time are links: one from the cache has a time at which it was found, but
/// decides nothing, so what uses it is taken to have waited for what the cached step itself uses.
pub(crate) fn critical_path(targets: &[TargetSteps<'_>]) -> Vec<Link> {
    let graph = Graph::new(targets);
    let mut chain: Vec<Ran<'_>> = Vec::new();
    let mut current = last(targets.iter().copied().flat_map(ran));
    while let Some(found) = current {
        // Guards against a builder whose clock runs backwards.
        if chain.iter().any(|other| other.step.id == found.step.id) {
            break;
        }
        current = graph.predecessor(&found);
        chain.push(found);
    }
    chain.reverse();
    links(&chain)
}

/// A step that took time, with its target.
#[derive(Clone, Copy)]
struct Ran<'a> {
    target: TargetSteps<'a>,
    step: &'a Step,
    started_ms: u64,
    ended_ms: u64,
}

impl<'a> Ran<'a> {
    fn new(target: TargetSteps<'a>, step: &'a Step) -> Option<Self> {
        let (started_ms, ended_ms) = (step.started_ms?, step.ended_ms?);
        (step.duration_ms > 0).then_some(Self {
            target,
            step,
            started_ms,
            ended_ms,
        })
    }
}

fn ran(target: TargetSteps<'_>) -> impl Iterator<Item = Ran<'_>> {
    target
        .steps
        .iter()
        .filter_map(move |step| Ran::new(target, step))
}

fn last<'a>(steps: impl Iterator<Item = Ran<'a>>) -> Option<Ran<'a>> {
    steps.max_by_key(|step| step.ended_ms)
}

/// All steps of a build, to be found by id.
struct Graph<'a> {
    targets: &'a [TargetSteps<'a>],
    steps: HashMap<&'a str, (TargetSteps<'a>, &'a Step)>,
}

impl<'a> Graph<'a> {
    fn new(targets: &'a [TargetSteps<'a>]) -> Self {
        let all = targets.iter().flat_map(|target| {
            let steps = target.steps.iter();
            steps.map(|step| (step.id.as_str(), (*target, step)))
        });
        Self {
            targets,
            steps: all.collect(),
        }
    }

    /// What a step waited for: within its target, else the targets that had to be done first, else
    /// the work that held the slot in which its target could start.
    fn predecessor(&self, of: &Ran<'a>) -> Option<Ran<'a>> {
        let all = || self.targets.iter().copied();
        let is_dependency =
            |other: &TargetSteps<'_>| of.target.depends_on.iter().any(|n| n == other.name);
        let is_other = |other: &TargetSteps<'_>| other.name != of.target.name;
        let before_start = |other: &Ran<'a>| other.ended_ms <= of.target.started_ms;
        self.awaited(of)
            .or_else(|| last(all().filter(is_dependency).flat_map(ran)))
            .or_else(|| last(all().filter(is_other).flat_map(ran).filter(before_start)))
    }

    /// The step that a step waited for, among those that made what it uses, else the builder's own
    /// work before it.
    fn awaited(&self, of: &Ran<'a>) -> Option<Ran<'a>> {
        let is_before =
            |other: &Ran<'a>| other.step.id != of.step.id && other.started_ms <= of.started_ms;
        let is_own_work = |other: &Ran<'a>| {
            other.step.kind == StepKind::Internal && other.ended_ms <= of.started_ms
        };
        last(self.inputs(of).into_iter().filter(is_before))
            .or_else(|| last(ran(of.target).filter(is_before).filter(is_own_work)))
    }

    /// The steps that took time to make what a step uses; the export uses all of its target. A
    /// cached step stands for its own inputs, a shared one for the step that did its work.
    fn inputs(&self, of: &Ran<'a>) -> Vec<Ran<'a>> {
        let mut open: Vec<&str> = match of.step.kind {
            StepKind::Export => of
                .target
                .steps
                .iter()
                .map(|step| step.id.as_str())
                .collect(),
            _ => of.step.depends_on.iter().map(String::as_str).collect(),
        };
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        while let Some(id) = open.pop() {
            let Some(&(target, step)) = self.steps.get(id).filter(|_| seen.insert(id)) else {
                continue;
            };
            match (Ran::new(target, step), &step.shared_with) {
                (Some(ran), _) => found.push(ran),
                (None, Some(shared)) => open.push(shared),
                (None, None) => open.extend(step.depends_on.iter().map(String::as_str)),
            }
        }
        found
    }
}

fn links(chain: &[Ran<'_>]) -> Vec<Link> {
    let mut previous_end_ms = 0;
    let mut links = Vec::new();
    for link in chain {
        links.push(Link {
            step: link.step.id.clone(),
            duration_ms: link.step.duration_ms,
            waited_ms: link.started_ms.saturating_sub(previous_end_ms),
        });
        previous_end_ms = link.ended_ms;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(id: &str, kind: StepKind, span: (u64, u64), depends_on: &[&str]) -> Step {
        Step {
            kind,
            depends_on: depends_on.iter().map(|&id| id.to_owned()).collect(),
            ..Step::sample(id, id, span)
        }
    }

    fn run(id: &str, span: (u64, u64), depends_on: &[&str]) -> Step {
        step(id, StepKind::Instruction, span, depends_on)
    }

    fn target<'a>(
        name: &'a str,
        steps: &'a [Step],
        depends_on: &'a [String],
        started_ms: u64,
    ) -> TargetSteps<'a> {
        TargetSteps {
            name,
            steps,
            depends_on,
            started_ms,
        }
    }

    fn path(targets: &[TargetSteps<'_>]) -> Vec<(String, u64, u64)> {
        let links = critical_path(targets).into_iter();
        links
            .map(|link| (link.step, link.duration_ms, link.waited_ms))
            .collect()
    }

    fn link(step: &str, duration_ms: u64, waited_ms: u64) -> (String, u64, u64) {
        (step.to_owned(), duration_ms, waited_ms)
    }

    #[test]
    fn the_slower_branch_is_on_the_path() {
        let steps = [
            step("load", StepKind::Internal, (2, 10), &[]),
            run("base", (12, 20), &[]),
            run("fast", (20, 30), &["base"]),
            run("slow", (20, 90), &["base"]),
            run("join", (95, 100), &["fast", "slow"]),
            step("export", StepKind::Export, (100, 130), &[]),
        ];
        let target = target("app", &steps, &[], 0);
        assert_eq!(
            path(&[target]),
            [
                link("load", 8, 2),
                link("base", 8, 2),
                link("slow", 70, 0),
                link("join", 5, 5),
                link("export", 30, 0),
            ]
        );
    }

    #[test]
    fn what_uses_a_cached_step_waited_for_what_that_one_uses() {
        // The time of a cached step is that at which it was found, here after all others.
        let mut found = run("found", (50, 50), &["base"]);
        found.cached = Some(true);
        let steps = [
            run("base", (0, 10), &[]),
            run("make", (10, 45), &["base"]),
            found,
            run("join", (50, 60), &["found", "make"]),
        ];
        let expected = [
            link("base", 10, 0),
            link("make", 35, 0),
            link("join", 10, 5),
        ];
        assert_eq!(path(&[target("app", &steps, &[], 0)]), expected);
    }

    #[test]
    fn a_shared_step_leads_to_the_target_that_ran_it() {
        let mut shared = run("app/make", (0, 0), &[]);
        shared.shared_with = Some("other/make".to_owned());
        let export = step("app/export", StepKind::Export, (42, 50), &[]);
        let app = [shared, export];
        let other = [run("other/make", (0, 40), &[])];
        let targets = [target("app", &app, &[], 0), target("other", &other, &[], 0)];
        assert_eq!(
            path(&targets),
            [link("other/make", 40, 0), link("app/export", 8, 2)]
        );
    }

    #[test]
    fn the_path_goes_through_the_targets_that_had_to_be_done_first() {
        let base = [run("base/run", (0, 40), &[])];
        let other = [run("other/run", (0, 60), &[])];
        let app = [run("app/run", (45, 70), &[])];
        let depends_on = ["base".to_owned()];
        let targets = [
            target("base", &base, &[], 0),
            target("other", &other, &[], 0),
            target("app", &app, &depends_on, 41),
        ];
        assert_eq!(
            path(&targets),
            [link("base/run", 40, 0), link("app/run", 25, 5)]
        );
    }

    #[test]
    fn a_target_without_a_free_slot_waited_for_the_one_that_held_it() {
        let first = [run("first/run", (0, 40), &[])];
        let second = [run("second/run", (0, 90), &[])];
        let third = [run("third/run", (43, 100), &[])];
        let targets = [
            target("first", &first, &[], 0),
            target("second", &second, &[], 0),
            target("third", &third, &[], 41),
        ];
        assert_eq!(
            path(&targets),
            [link("first/run", 40, 0), link("third/run", 57, 3)]
        );
    }

    #[test]
    fn nothing_that_ran_has_no_path() {
        assert!(critical_path(&[]).is_empty());
        let circle = [run("a", (0, 1), &["b"]), run("b", (0, 1), &["a"])];
        let target = target("app", &circle, &[], 0);
        assert_eq!(critical_path(&[target]).len(), 2);
    }
}
