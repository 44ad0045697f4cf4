//! The chain of steps that decided how long a build took.
//!
//! Found in the recorded times: from the step that ended last, back to the one among those it
//! waited for that ended last, and so on to the start. To shorten the build, shorten one of these.

use std::collections::HashMap;

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
}

/// The chain of steps that decided the end of the build, first to last. Steps that took no time,
/// as those from the cache, are left out: they decide nothing.
pub(crate) fn critical_path(targets: &[TargetSteps<'_>]) -> Vec<Link> {
    let mut chain = Vec::new();
    let mut current = last(
        targets
            .iter()
            .flat_map(|target| ended(target.steps, target)),
    );
    while let Some(found) = current {
        // A chain cannot be longer than there are steps; this only guards against a builder whose
        // clock runs backwards.
        if chain
            .iter()
            .any(|other: &Ended<'_>| other.step.id == found.step.id)
        {
            break;
        }
        current = predecessor(&found, targets);
        chain.push(found);
    }
    chain.reverse();
    links(&chain)
}

/// A step that ran, with its target.
#[derive(Clone, Copy)]
struct Ended<'a> {
    target: TargetSteps<'a>,
    step: &'a Step,
    started_ms: u64,
    ended_ms: u64,
}

fn ended<'a>(steps: &'a [Step], target: &TargetSteps<'a>) -> impl Iterator<Item = Ended<'a>> {
    let target = *target;
    steps.iter().filter_map(move |step| {
        Some(Ended {
            target,
            step,
            started_ms: step.started_ms?,
            ended_ms: step.ended_ms?,
        })
    })
}

fn last<'a>(steps: impl Iterator<Item = Ended<'a>>) -> Option<Ended<'a>> {
    steps.max_by_key(|ended| ended.ended_ms)
}

/// What a step waited for. The export waits for all else of its target; a step without recorded
/// inputs waited for the builder's own work before it; the first work of a target waited for the
/// targets that it depends on.
fn predecessor<'a>(of: &Ended<'a>, targets: &[TargetSteps<'a>]) -> Option<Ended<'a>> {
    let before = |other: &Ended<'a>| {
        other.step.id != of.step.id && other.ended_ms <= of.started_ms.max(of.ended_ms)
    };
    let inputs: HashMap<&str, ()> = of
        .step
        .depends_on
        .iter()
        .map(|id| (id.as_str(), ()))
        .collect();
    let siblings = || ended(of.target.steps, &of.target).filter(before);
    let waited_for = match of.step.kind {
        StepKind::Export => last(siblings()),
        _ if !inputs.is_empty() => {
            last(siblings().filter(|other| inputs.contains_key(other.step.id.as_str())))
        }
        _ => last(siblings().filter(|other| {
            other.step.kind == StepKind::Internal && other.ended_ms <= of.started_ms
        })),
    };
    waited_for.or_else(|| {
        let done_first = targets
            .iter()
            .filter(|t| of.target.depends_on.iter().any(|n| n == t.name));
        last(
            done_first
                .flat_map(|target| ended(target.steps, target))
                .filter(before),
        )
    })
}

fn links(chain: &[Ended<'_>]) -> Vec<Link> {
    let mut previous_end_ms = 0;
    let mut links = Vec::new();
    for link in chain.iter().filter(|link| link.step.duration_ms > 0) {
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
            id: id.to_owned(),
            kind,
            stage: None,
            name: id.to_owned(),
            line: None,
            cached: Some(false),
            started_ms: Some(span.0),
            ended_ms: Some(span.1),
            duration_ms: span.1 - span.0,
            depends_on: depends_on.iter().map(|&id| id.to_owned()).collect(),
            context_files: None,
            failure: None,
        }
    }

    fn run(id: &str, span: (u64, u64), depends_on: &[&str]) -> Step {
        step(id, StepKind::Instruction, span, depends_on)
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
        let target = TargetSteps {
            name: "app",
            steps: &steps,
            depends_on: &[],
        };
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
    fn steps_from_the_cache_are_left_out_and_what_follows_waited_for_the_one_before() {
        let mut cached = run("cached", (15, 15), &["first"]);
        cached.cached = Some(true);
        let steps = [
            run("first", (0, 10), &[]),
            cached,
            run("last", (20, 50), &["cached"]),
        ];
        let target = TargetSteps {
            name: "app",
            steps: &steps,
            depends_on: &[],
        };
        assert_eq!(
            path(&[target]),
            [link("first", 10, 0), link("last", 30, 10)]
        );
    }

    #[test]
    fn the_path_goes_through_the_targets_that_had_to_be_done_first() {
        let base = [run("base/run", (0, 40), &[])];
        let other = [run("other/run", (0, 60), &[])];
        let app = [run("app/run", (45, 70), &[])];
        let depends_on = ["base".to_owned()];
        let targets = [
            TargetSteps {
                name: "base",
                steps: &base,
                depends_on: &[],
            },
            TargetSteps {
                name: "other",
                steps: &other,
                depends_on: &[],
            },
            TargetSteps {
                name: "app",
                steps: &app,
                depends_on: &depends_on,
            },
        ];
        assert_eq!(
            path(&targets),
            [link("base/run", 40, 0), link("app/run", 25, 5)]
        );
    }

    #[test]
    fn nothing_that_ran_has_no_path() {
        assert!(critical_path(&[]).is_empty());
        let circle = [run("a", (0, 1), &["b"]), run("b", (0, 1), &["a"])];
        let target = TargetSteps {
            name: "app",
            steps: &circle,
            depends_on: &[],
        };
        assert_eq!(critical_path(&[target]).len(), 2);
    }
}
