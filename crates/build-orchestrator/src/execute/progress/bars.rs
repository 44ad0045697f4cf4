//! The live display: draws frames over each other, and above them what stays.

use common::terminal::Printer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

use super::frame::State;
use super::lines::{failure_lines, target_line, warning_text};
use crate::execute::event::{Event, StepProgress, What};
use crate::model::outcome::Status;

/// How often a frame is drawn.
///
/// Chosen: running times are shown in whole seconds, and transfers look alive.
const TICK: Duration = Duration::from_millis(200);

/// The size of a terminal that does not tell: that of the VT100, which most programs assume.
const SIZE: (usize, usize) = (80, 24);

/// A live display.
pub(super) struct Bars {
    /// One bar whose text has a line for each line of the frame.
    screen: ProgressBar,
    state: Arc<Mutex<State>>,
}

/// What was drawn last.
#[derive(Clone, Default)]
struct Drawn {
    columns: usize,
    widths: Vec<usize>,
}

impl Bars {
    pub(super) fn new(target_count: usize) -> Self {
        let state = Arc::new(Mutex::new(State::new(target_count, Instant::now())));
        let style = ProgressStyle::with_template("{frame}").expect("the template is well-formed");
        let screen = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        screen.set_style(style.with_key("frame", frame_writer(state.clone())));
        screen.enable_steady_tick(TICK);
        Self { screen, state }
    }

    pub(super) fn show(&self, event: &Event<'_>, printer: &Printer) {
        let lines = self.lines_above(event);
        // Drawing asks for the state, so that it must not be held here.
        if !lines.is_empty() {
            self.screen.suspend(|| {
                for line in lines {
                    printer.status(format_args!("[{}] {line}", event.target));
                }
            });
        }
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = state.done_count + state.failed_count == state.target_count;
        drop(state);
        if is_over {
            self.screen.finish_and_clear();
        }
    }

    /// Takes in an event; returns what is to be printed above the frame.
    fn lines_above(&self, event: &Event<'_>) -> Vec<String> {
        let target = event.target;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event.what {
            What::Started => {
                state.running.insert(target.to_owned());
                Vec::new()
            }
            What::Step(step) => {
                state.step(target, &step, Instant::now());
                match step.progress {
                    StepProgress::Warning(warning) => {
                        vec![format!("WARNING {}", warning_text(warning))]
                    }
                    _ => Vec::new(),
                }
            }
            What::Note(message) => vec![message.to_owned()],
            What::Warning(message) => vec![format!("WARNING {message}")],
            What::Finished(outcome) => {
                match outcome.status {
                    Status::Built => state.done_count += 1,
                    _ => state.failed_count += 1,
                }
                state.end_target(target);
                let mut lines = failure_lines(outcome);
                lines.push(target_line(outcome));
                lines
            }
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.screen.finish_and_clear();
    }
}

/// Writes the frame whenever the screen draws.
fn frame_writer(
    state: Arc<Mutex<State>>,
) -> impl Fn(&ProgressState, &mut dyn Write) + Clone + Send + Sync + 'static {
    let last = Arc::new(Mutex::new(Drawn::default()));
    move |_, out| {
        let (columns, rows) = terminal_size::terminal_size_of(io::stderr())
            .map_or(SIZE, |(columns, rows)| (columns.0.into(), rows.0.into()));
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        // The last column stays free: some terminals wrap as soon as it is written to.
        let frame = state.frame(Instant::now(), columns.saturating_sub(1), rows);
        drop(state);
        let drawn = Drawn {
            columns,
            widths: frame.iter().map(|line| line.width()).collect(),
        };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(erase) = last.erase_wrapped(columns) {
            // With standard error gone there is nothing to draw on.
            let _ = io::Write::write_all(&mut io::stderr().lock(), erase.as_bytes());
        }
        *last = drawn;
        // A string takes whatever is written.
        let _ = out.write_str(&frame.join("\n"));
    }
}

impl Drawn {
    /// What erases the frame after the terminal got narrower than its lines, which then take
    /// several rows each: the screen would erase one row a line and leave the rest. Ends as many
    /// rows further down as the screen goes up.
    ///
    /// `None` when the lines still fit. A terminal that cuts its lines instead of wrapping them
    /// loses some of what is above the frame.
    fn erase_wrapped(&self, columns: usize) -> Option<String> {
        let rows = |width: &usize| width.div_ceil(columns.max(1)).max(1);
        let rows: usize = self.widths.iter().map(rows).sum();
        if columns >= self.columns || rows <= self.widths.len() {
            return None;
        }
        let down = "\n".repeat(self.widths.len() - 1);
        Some(format!("\x1b[{}A\r\x1b[J{down}", rows - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_got_wrapped_is_erased_with_all_its_rows() {
        let drawn = Drawn {
            columns: 80,
            widths: vec![70, 30, 0],
        };
        assert_eq!(drawn.erase_wrapped(80), None);
        assert_eq!(drawn.erase_wrapped(120), None);
        assert_eq!(drawn.erase_wrapped(70), None);
        // 70 columns take 3 rows of 30, 30 take 1, and an empty line takes 1: 5 rows, the cursor
        // is in the last.
        let expected = "\x1b[4A\r\x1b[J\n\n";
        assert_eq!(drawn.erase_wrapped(30).as_deref(), Some(expected));
    }
}
