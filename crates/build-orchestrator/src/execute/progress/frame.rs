//! What the live display shows at a moment: a line that sums up, and one for each step that runs.
//!
//! It knows how many columns and rows there are and keeps within them; drawing is done elsewhere.

use common::render::escape_control;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::lines::transfer_text;
use crate::execute::event::{StepEvent, StepProgress};

/// How many columns of a step's name are worth more than its transfer's size.
///
/// Chosen: `[builder 2/4] COPY a` can still be told from others.
const NAME_COLUMNS_MIN: usize = 16;

/// What runs.
pub(super) struct State {
    started: Instant,
    pub(super) target_count: usize,
    pub(super) running: BTreeSet<String>,
    pub(super) done_count: usize,
    pub(super) failed_count: usize,
    cached_step_count: usize,
    done_step_count: usize,
    steps: BTreeMap<(String, usize), Running>,
}

struct Running {
    name: String,
    since: Instant,
    transfer: Option<String>,
}

impl State {
    pub(super) fn new(target_count: usize, now: Instant) -> Self {
        Self {
            started: now,
            target_count,
            running: BTreeSet::new(),
            done_count: 0,
            failed_count: 0,
            cached_step_count: 0,
            done_step_count: 0,
            steps: BTreeMap::new(),
        }
    }

    /// Takes in what happened to a step.
    pub(super) fn step(&mut self, target: &str, step: &StepEvent<'_>, now: Instant) {
        let key = (target.to_owned(), step.number);
        match step.progress {
            StepProgress::Started => {
                let running = Running {
                    name: one_line(step.name),
                    since: now,
                    transfer: None,
                };
                self.steps.insert(key, running);
            }
            StepProgress::Transfer {
                current_bytes,
                total_bytes,
            } => {
                if let Some(running) = self.steps.get_mut(&key) {
                    running.transfer = Some(transfer_text(current_bytes, total_bytes));
                }
            }
            StepProgress::Line(_) | StepProgress::Warning(_) => {}
            StepProgress::Cached => {
                self.cached_step_count += 1;
                self.steps.remove(&key);
            }
            StepProgress::Done { .. } => {
                self.done_step_count += 1;
                self.steps.remove(&key);
            }
            StepProgress::Failed { .. } | StepProgress::GivenUp => {
                self.steps.remove(&key);
            }
        }
    }

    /// Forgets the steps of a target that has ended.
    pub(super) fn end_target(&mut self, target: &str) {
        self.running.remove(target);
        self.steps.retain(|(of, _), _| of != target);
    }

    /// The lines, none wider than `columns` and together fewer than `rows`, so that the cursor has
    /// a place too.
    pub(super) fn frame(&self, now: Instant, columns: usize, rows: usize) -> Vec<String> {
        let mut lines = vec![self.summary(now)];
        let room = rows.saturating_sub(2);
        let mut steps: Vec<_> = self.steps.iter().collect();
        // What has run longest matters most, and stays where it is.
        steps.sort_by_key(|(_, running)| running.since);
        let is_cut = steps.len() > room;
        let shown = if is_cut {
            room.saturating_sub(1)
        } else {
            steps.len()
        };
        for (key, running) in &steps[..shown] {
            lines.push(running.line(&key.0, now, columns));
        }
        if is_cut && room > 0 {
            lines.push(format!("{:>6} … and {} more", "", steps.len() - shown));
        }
        lines.iter().map(|line| cut(line, columns)).collect()
    }

    fn summary(&self, now: Instant) -> String {
        let running = self.running.len();
        let ended = self.done_count + self.failed_count;
        let parts = [
            (self.done_count, "done"),
            (running, "running"),
            (self.failed_count, "failed"),
            (self.target_count.saturating_sub(ended + running), "waiting"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!(
            "{:>6} targets {}/{}: {}; steps: {} cached, {} done",
            elapsed(self.started, now),
            ended,
            self.target_count,
            parts.join(", "),
            self.cached_step_count,
            self.done_step_count
        )
    }
}

impl Running {
    fn line(&self, target: &str, now: Instant, columns: usize) -> String {
        let head = format!("{:>6} [{}] ", elapsed(self.since, now), one_line(target));
        let Some(transfer) = &self.transfer else {
            return head + &self.name;
        };
        let room = columns.saturating_sub(head.width() + transfer.width() + 2);
        if room < NAME_COLUMNS_MIN.min(self.name.width()) {
            return head + &self.name;
        }
        format!("{head}{}  {transfer}", cut(&self.name, room))
    }
}

/// Whole seconds, as they are redrawn more than once a second: `7s`, `3m07s`, `2h05m`.
fn elapsed(since: Instant, now: Instant) -> String {
    let seconds = now.saturating_duration_since(since).as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A text that takes one line and steers no terminal.
fn one_line(text: &str) -> String {
    escape_control(text).replace(['\n', '\t'], " ")
}

/// As much of a text as fits into so many columns, with an ellipsis where something is missing.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut room = columns.saturating_sub(1);
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if width > room {
            break;
        }
        room -= width;
        kept.push(c);
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests;
