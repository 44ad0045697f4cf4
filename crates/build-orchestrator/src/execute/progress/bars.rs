//! Events as a live display: a line for each step that runs, and one that sums up.

use common::render::escape_control;
use common::terminal::Printer;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::lines::{failure_lines, target_line};
use crate::execute::event::{Event, StepEvent, StepProgress, What};

/// How often the running times are redrawn.
///
/// Chosen: they are shown in whole seconds.
const TICK: Duration = Duration::from_millis(500);

/// A live display.
pub(super) struct Bars {
    screen: MultiProgress,
    summary: ProgressBar,
    state: Mutex<State>,
}

struct State {
    target_count: usize,
    running_count: usize,
    ended_count: usize,
    cached_count: usize,
    done_count: usize,
    steps: BTreeMap<(String, usize), ProgressBar>,
}

impl Bars {
    pub(super) fn new(target_count: usize) -> Self {
        let screen = MultiProgress::new();
        let summary = screen.add(bar("{elapsed:>5} {wide_msg}"));
        summary.enable_steady_tick(TICK);
        Self {
            screen,
            summary,
            state: Mutex::new(State {
                target_count,
                running_count: 0,
                ended_count: 0,
                cached_count: 0,
                done_count: 0,
                steps: BTreeMap::new(),
            }),
        }
    }

    pub(super) fn show(&self, event: &Event<'_>, printer: &Printer) {
        let target = event.target;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event.what {
            What::Started => state.running_count += 1,
            What::Step(step) => self.step(&mut state, target, &step),
            What::Note(message) => self
                .screen
                .suspend(|| printer.status(format_args!("[{target}] {message}"))),
            What::Warning(message) => self
                .screen
                .suspend(|| printer.warning(format_args!("[{target}] {message}"))),
            What::Finished(outcome) => {
                state.ended_count += 1;
                state.running_count -= usize::from(outcome.started_ms.is_some());
                state.steps.retain(|(of, _), bar| {
                    let stays = of != target;
                    if !stays {
                        bar.finish_and_clear();
                    }
                    stays
                });
                let mut lines = failure_lines(outcome);
                lines.push(target_line(outcome));
                self.screen.suspend(|| {
                    for line in lines {
                        printer.status(format_args!("[{target}] {line}"));
                    }
                });
            }
        }
        self.summary.set_message(state.summary());
        if state.ended_count == state.target_count {
            self.summary.finish_and_clear();
        }
    }

    fn step(&self, state: &mut State, target: &str, step: &StepEvent<'_>) {
        let key = (target.to_owned(), step.number);
        match step.progress {
            StepProgress::Started => {
                let bar = bar("{elapsed:>5} [{prefix}] {wide_msg}")
                    .with_prefix(escape_control(target))
                    .with_message(escape_control(step.name));
                let bar = self.screen.insert_before(&self.summary, bar);
                bar.enable_steady_tick(TICK);
                state.steps.insert(key, bar);
            }
            StepProgress::Line(_) => {}
            ended => {
                if let Some(bar) = state.steps.remove(&key) {
                    bar.finish_and_clear();
                }
                match ended {
                    StepProgress::Cached => state.cached_count += 1,
                    StepProgress::Done { .. } => state.done_count += 1,
                    _ => {}
                }
            }
        }
    }
}

impl State {
    fn summary(&self) -> String {
        format!(
            "{} of {} targets ended, {} running; {} steps cached, {} done",
            self.ended_count,
            self.target_count,
            self.running_count,
            self.cached_count,
            self.done_count
        )
    }
}

fn bar(template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    // Drawn by the screen that it is added to, and by nobody before.
    ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style)
}
