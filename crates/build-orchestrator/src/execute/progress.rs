//! Shows a build's events on standard error: as a live display to a person, else line by line.

mod bars;
mod lines;

use common::terminal::Printer;

use super::event::Event;
use bars::Bars;

/// Shows events.
pub(crate) struct Progress<'a> {
    printer: &'a Printer,
    /// The live display. `None` where none may be drawn.
    bars: Option<Bars>,
}

impl<'a> Progress<'a> {
    /// A display for a build of so many targets.
    pub(crate) fn new(printer: &'a Printer, target_count: usize) -> Self {
        Self {
            printer,
            bars: printer.draws_progress().then(|| Bars::new(target_count)),
        }
    }

    /// Shows an event.
    pub(crate) fn show(&self, event: &Event<'_>) {
        match &self.bars {
            Some(bars) => bars.show(event, self.printer),
            None => lines::show(event, self.printer),
        }
    }
}
