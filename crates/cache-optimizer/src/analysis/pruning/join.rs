//! Finds the step of a past build that made a record.
//!
//! A record says of a `RUN` what was run, and of a `COPY`, `ADD` or `WORKDIR` only that files were worked
//! on. So a record and a step are the same when all that they lie upon, down to the base, is the same as
//! far as records tell; several such steps are told apart by when they ended, which is when the record
//! was made. Measured on Engine 20.10 (BuildKit 0.8): a record is made 30 to 100 ms after its step ended.

use std::collections::{BTreeSet, HashMap};

use super::tree::Tree;
use crate::model::build_cache::{CacheRecord, PastStep, RecordKind, StepOutcome, single_blanks};

/// How far the end of a step and the time of its record may lie apart, in milliseconds.
///
/// Chosen: a report's time is taken before its build starts, and a busy Engine takes its time to store.
const APART_MAX_MS: u64 = 5000;

/// What the builder says of records that `COPY`, `ADD` and `WORKDIR` make.
/// Source: buildkit's solver/llbsolver/file/refmanager.go
const FILE_OPERATION: &str = "fileop target";

/// Numbers what a step lies upon together with the step itself: 0 is an empty base, 1 an image.
type Chain = usize;

/// The step of each record, by its place in the list. `None` when none is certain enough.
pub(super) fn joined(records: &[CacheRecord], steps: &[PastStep]) -> Vec<Option<usize>> {
    let known = KnownChains::new(steps);
    let tree = Tree::new(records);
    let mut chains: Vec<Option<Chain>> = vec![None; records.len()];
    let mut joined = vec![None; records.len()];
    for &at in &tree.downwards {
        let record = &records[at];
        let command = known.command(record);
        let below = match (tree.parents[at].first(), record.parents.is_empty()) {
            (Some(&parent), _) => chains[parent],
            (None, is_lowest) => is_lowest.then_some(0),
        };
        chains[at] = known.chain(record, below, command);
        let of_chain = chains[at].and_then(|chain| known.steps.get(&chain));
        joined[at] = of_chain
            .and_then(|candidates| made_by(record, candidates, steps))
            .or_else(|| made_by(record, known.runs.get(command?)?, steps));
    }
    joined
}

/// What past builds had.
struct KnownChains<'a> {
    /// What is made by a step that lies upon a chain, or by work on files if there is no command.
    next: HashMap<(Chain, Option<&'a str>), Chain>,
    /// The steps at the end of each chain.
    steps: HashMap<Chain, Vec<usize>>,
    /// The steps of each command, whatever they lie upon.
    runs: HashMap<&'a str, Vec<usize>>,
}

impl<'a> KnownChains<'a> {
    fn new(steps: &'a [PastStep]) -> Self {
        let mut known = Self {
            next: HashMap::new(),
            steps: HashMap::new(),
            runs: HashMap::new(),
        };
        let mut chains: Vec<Chain> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let base = usize::from(step.is_on_image);
            let below = step.parent.map_or(base, |parent| chains[parent]);
            let command = step.command.as_deref();
            let number = known.next.len() + 2;
            let chain = *known.next.entry((below, command)).or_insert(number);
            chains.push(chain);
            known.steps.entry(chain).or_default().push(at);
            if let Some(command) = command {
                known.runs.entry(command).or_default().push(at);
            }
        }
        known
    }

    /// The command of a step that a record names, the longest if several could be meant.
    fn command(&self, record: &CacheRecord) -> Option<&'a str> {
        let run = single_blanks(arguments(&record.description)?);
        let commands = self.runs.keys().copied();
        let meant: BTreeSet<_> = commands
            .filter(|command| is_run_of(&run, command))
            .map(|command| (command.len(), command))
            .collect();
        meant.last().map(|&(_, command)| command)
    }

    fn chain(
        &self,
        record: &CacheRecord,
        below: Option<Chain>,
        command: Option<&str>,
    ) -> Option<Chain> {
        let is_step = command.is_some() || record.description == FILE_OPERATION;
        if record.kind != RecordKind::Layer {
            None
        } else if is_step {
            self.next.get(&(below?, command)).copied()
        } else {
            // A layer of a base image, unless it is a step that no build knows.
            arguments(&record.description).is_none().then_some(1)
        }
    }
}

/// What a record's step ran: the shell with its arguments, and the command.
pub(super) fn arguments(description: &str) -> Option<&str> {
    let (_, arguments) = description.split_once(" from exec ")?;
    // Newer builders name a cache mount's id as well.
    Some(
        arguments
            .rsplit_once(" with id \"")
            .map_or(arguments, |(arguments, _)| arguments),
    )
}

/// Whether the arguments of a run are a command, or a shell with it.
fn is_run_of(run: &str, command: &str) -> bool {
    let Some(shell) = run.strip_suffix(command) else {
        return false;
    };
    let last_word = shell.trim_end().rsplit(' ').next().unwrap_or_default();
    shell.is_empty() || shell.ends_with(' ') && last_word.starts_with(['-', '/'])
}

/// The one of several steps that made the record: the one that ended when it was made; else, if they are
/// one step in several builds, or run the same, the last of them.
fn made_by(record: &CacheRecord, candidates: &[usize], steps: &[PastStep]) -> Option<usize> {
    let ran = |&&at: &&usize| matches!(steps[at].outcome, StepOutcome::Ran { .. });
    let apart_ms = |&&at: &&usize| steps[at].ended_ms.abs_diff(record.created_ms);
    let nearest = candidates.iter().filter(ran).min_by_key(apart_ms);
    if let Some(nearest) = nearest.filter(|nearest| apart_ms(nearest) <= APART_MAX_MS) {
        return Some(*nearest);
    }
    let first = &steps[*candidates.first()?];
    let is_one = candidates
        .iter()
        .all(|&at| steps[at].name == first.name || first.command.is_some());
    let last = candidates.iter().max_by_key(|&&at| steps[at].ended_ms);
    last.copied().filter(|_| is_one)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{layer, made, run, step};
    use super::*;

    #[test]
    fn a_run_is_known_by_what_it_ran() {
        let records = [
            run("a", &[], 1, "make   all"),
            run("b", &[], 1, "cd /src && make all"),
            run("c", &[], 1, "remake all"),
        ];
        let steps = [step("RUN make all", None, 50, 1)];
        assert_eq!(joined(&records, &steps), [Some(0), None, None]);
    }

    #[test]
    fn of_two_commands_the_longer_is_meant() {
        let records = [run("a", &[], 1, "cd /src && make")];
        let steps = [
            step("RUN make", None, 0, 1),
            step("RUN cd /src && make", None, 0, 1),
        ];
        assert_eq!(joined(&records, &steps), [Some(1)]);
    }

    #[test]
    fn a_copy_is_known_by_what_it_lies_upon() {
        let records = [
            run("first", &[], 1, "make"),
            layer("second", &["first"], 1),
            layer("third", &["second"], 1),
        ];
        let steps = [
            step("RUN make", None, 50, 1),
            step("COPY a a", Some(0), 50, 1),
            step("RUN other", None, 50, 1),
            step("COPY b b", Some(2), 50, 1),
        ];
        assert_eq!(joined(&records, &steps), [Some(0), Some(1), None]);
    }

    #[test]
    fn of_copies_upon_the_same_the_one_that_ended_then_is_meant() {
        let records = [made(30, layer("a", &[], 1)), made(60, layer("b", &[], 1))];
        let mut steps = [step("COPY x x", None, 29, 1), step("COPY y y", None, 31, 1)];
        steps[1].ended_ms = 30_100;
        assert_eq!(joined(&records, &steps), [Some(1), None]);
    }

    #[test]
    fn the_first_step_upon_an_image_lies_upon_its_layers() {
        let mut base = layer("base", &[], 1);
        base.description = "pulled from docker.io/library/alpine:3".to_owned();
        let records = [base, layer("copy", &["base"], 1), layer("scratch", &[], 1)];
        let mut steps = [step("COPY a a", None, 50, 1)];
        steps[0].is_on_image = true;
        assert_eq!(joined(&records, &steps), [None, Some(0), None]);
    }

    #[test]
    fn a_cache_mount_belongs_to_the_step_that_has_it() {
        let mut mount = layer("mount", &[], 1);
        mount.kind = RecordKind::CacheMount;
        mount.description = "cached mount /c from exec /bin/sh -c make with id \"c\"".to_owned();
        let steps = [step("RUN make", None, 50, 1)];
        assert_eq!(joined(&[mount], &steps), [Some(0)]);
    }
}
