//! Puts the lines of steps that run at the same time into blocks.
//!
//! One step owns the output and is printed as it comes; the lines of all others are held until it
//! has ended, has been silent, or has had its turn. Nothing is held for ever, and not too much.

use common::units::format_bytes;
use std::collections::BTreeMap;

use super::lines::{step_line, target_line};
use crate::execute::event::{Event, StepEvent, StepProgress, What};

/// How long an owner may be silent while others wait.
///
/// Chosen: within a step that works, a tool rarely pauses that long, and a reader of a running log
/// waits no longer.
const SILENCE_MS: u64 = 5_000;

/// How long an owner that goes on printing may keep others waiting.
///
/// Chosen: what buildx does. Source: moby/buildkit util/progress/progressui/printer.go, `maxDelay`
const TURN_MS: u64 = 10_000;

/// How many bytes are held over all steps.
///
/// Chosen: thousands of lines; beyond it the oldest are printed, whoever owns the output.
const HELD_BYTES_MAX: usize = 256 * 1024;

/// A target's name and the number of one of its steps.
type Key = (String, usize);

/// The lines of a build that runs.
#[derive(Default)]
pub(super) struct Groups {
    owner: Option<Owner>,
    /// The step whose header was printed last, if nothing came in between.
    headed: Option<Key>,
    /// What is held, in the order in which the steps had something to say.
    held: Vec<Block>,
    transferred_bytes: BTreeMap<Key, u64>,
}

struct Owner {
    key: Key,
    since_ms: u64,
    heard_ms: u64,
}

struct Block {
    key: Key,
    header: String,
    lines: Vec<String>,
    is_ended: bool,
}

impl Groups {
    /// Takes in an event; returns the lines to print now.
    pub(super) fn push(&mut self, event: &Event<'_>, now_ms: u64) -> Vec<String> {
        let mut out = Vec::new();
        match event.what {
            What::Started => {}
            What::Step(step) => self.step(event.target, &step, now_ms, &mut out),
            What::Note(message) => {
                self.headed = None;
                out.push(format!("[{}] {message}", event.target));
            }
            What::Warning(message) => {
                self.headed = None;
                out.push(format!("[{}] WARNING {message}", event.target));
            }
            What::Finished(outcome) => {
                self.end_target(event.target, &mut out);
                self.headed = None;
                out.push(format!("[{}] {}", event.target, target_line(outcome)));
                if self.owner.is_none() {
                    self.next_owner(now_ms, &mut out);
                }
            }
        }
        out
    }

    /// Returns the lines to print because time has passed.
    pub(super) fn tick(&mut self, now_ms: u64) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(owner) = &self.owner
            && !self.held.is_empty()
            && (now_ms.saturating_sub(owner.heard_ms) >= SILENCE_MS
                || now_ms.saturating_sub(owner.since_ms) >= TURN_MS)
        {
            self.next_owner(now_ms, &mut out);
        }
        out
    }

    fn step(&mut self, target: &str, step: &StepEvent<'_>, now_ms: u64, out: &mut Vec<String>) {
        let key = (target.to_owned(), step.number);
        if let StepProgress::Transfer { current_bytes, .. } = step.progress {
            self.transferred_bytes.insert(key, current_bytes);
            return;
        }
        let is_ended = matches!(
            step.progress,
            StepProgress::Cached
                | StepProgress::Done { .. }
                | StepProgress::Failed { .. }
                | StepProgress::GivenUp
        );
        let mut line = step_line(step.progress);
        if is_ended && let Some(bytes) = self.transferred_bytes.remove(&key) {
            line = line.map(|line| format!("{line}, {} transferred", format_bytes(bytes)));
        }
        let block = Block {
            header: format!("#{target} {} {}", step.number, step.name),
            lines: line.into_iter().collect(),
            is_ended,
            key,
        };
        self.take(block, now_ms, out);
    }

    /// Prints what a step says if it owns the output or nobody does, else holds it.
    fn take(&mut self, block: Block, now_ms: u64, out: &mut Vec<String>) {
        let owner = self.owner.get_or_insert_with(|| Owner {
            key: block.key.clone(),
            since_ms: now_ms,
            heard_ms: now_ms,
        });
        if owner.key == block.key {
            owner.heard_ms = now_ms;
            let is_ended = block.is_ended;
            self.print(block, out);
            if is_ended {
                self.next_owner(now_ms, out);
            }
            return;
        }
        match self.held.iter_mut().find(|held| held.key == block.key) {
            Some(held) => {
                held.lines.extend(block.lines);
                held.is_ended = block.is_ended;
            }
            None => self.held.push(block),
        }
        while self.held_bytes() > HELD_BYTES_MAX {
            let oldest = self.held.remove(0);
            self.print(oldest, out);
        }
    }

    fn held_bytes(&self) -> usize {
        let lines = self.held.iter().flat_map(|block| &block.lines);
        lines.map(String::len).sum()
    }

    /// Prints what ended meanwhile, and gives the output to the step that has waited longest.
    fn next_owner(&mut self, now_ms: u64, out: &mut Vec<String>) {
        self.owner = None;
        let ended: Vec<Block> = self.held.extract_if(.., |block| block.is_ended).collect();
        for block in ended {
            self.print(block, out);
        }
        if self.held.is_empty() {
            return;
        }
        let next = self.held.remove(0);
        self.owner = Some(Owner {
            key: next.key.clone(),
            since_ms: now_ms,
            heard_ms: now_ms,
        });
        self.print(next, out);
    }

    /// Prints what is held of a target that has ended.
    fn end_target(&mut self, target: &str, out: &mut Vec<String>) {
        let of_target = |key: &Key| key.0 == target;
        let blocks: Vec<Block> = self
            .held
            .extract_if(.., |block| of_target(&block.key))
            .collect();
        for block in blocks {
            self.print(block, out);
        }
        self.owner = self.owner.take().filter(|owner| !of_target(&owner.key));
        self.transferred_bytes.retain(|key, _| !of_target(key));
    }

    fn print(&mut self, block: Block, out: &mut Vec<String>) {
        let (target, number) = &block.key;
        let prefix = match number {
            0 => format!("[{target}]"),
            _ => format!("#{target} {number}"),
        };
        if self.headed.as_ref() != Some(&block.key) && *number > 0 {
            out.push(block.header);
        }
        out.extend(block.lines.iter().map(|line| format!("{prefix} {line}")));
        self.headed = Some(block.key);
    }
}

#[cfg(test)]
mod tests;
