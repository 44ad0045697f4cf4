//! Shows a build's events on standard error: to a person as a live display or as lines in groups,
//! to a program as JSON.

mod bars;
mod frame;
mod groups;
mod json;
mod lines;
mod plain;

use common::terminal::Printer;

use super::event::Event;
use bars::Bars;
use json::Json;
use plain::Plain;

/// How a build is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Display {
    /// Live where that is possible, else as lines.
    Auto,
    /// As lines, grouped by step.
    Plain,
    /// Not at all.
    Quiet,
    /// One JSON object a line.
    Json,
}

/// Shows events.
pub(crate) struct Progress<'a> {
    printer: &'a Printer,
    shown: Shown,
}

enum Shown {
    Bars(Bars),
    Plain(Plain),
    Json(Json),
    Nothing,
}

impl<'a> Progress<'a> {
    /// A display for a build of so many targets.
    pub(crate) fn new(printer: &'a Printer, display: Display, target_count: usize) -> Self {
        let shown = match display {
            Display::Auto if printer.draws_progress() => Shown::Bars(Bars::new(target_count)),
            Display::Auto | Display::Plain => Shown::Plain(Plain::new(printer)),
            Display::Json => Shown::Json(Json::new()),
            Display::Quiet => Shown::Nothing,
        };
        Self { printer, shown }
    }

    /// Shows an event.
    pub(crate) fn show(&self, event: &Event<'_>) {
        match &self.shown {
            Shown::Bars(bars) => bars.show(event, self.printer),
            Shown::Plain(plain) => plain.show(event, self.printer),
            Shown::Json(json) => json.show(event, self.printer),
            Shown::Nothing => {}
        }
    }
}
