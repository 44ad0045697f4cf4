//! A text at the foot of the terminal that is drawn again whenever it changes.

use common::terminal::Printer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where what is seen of containers goes: a live text to a person, else nothing but lines.
pub(crate) struct Screen<'a> {
    printer: &'a Printer,
    /// `None` where nothing may be drawn.
    foot: Option<ProgressBar>,
}

impl<'a> Screen<'a> {
    pub(crate) fn new(printer: &'a Printer) -> Self {
        let foot = printer.draws_progress().then(|| {
            let style = ProgressStyle::with_template("{msg}").expect("the template is well-formed");
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style)
        });
        Self { printer, foot }
    }

    /// Replaces the text at the foot; `text` is made only if it is drawn.
    pub(crate) fn draw(&self, text: impl FnOnce() -> String) {
        if let Some(foot) = &self.foot {
            foot.set_message(text().trim_end().to_owned());
        }
    }

    /// Says something that stays, above the text at the foot.
    pub(crate) fn line(&self, line: &str) {
        match &self.foot {
            Some(foot) => foot.suspend(|| self.printer.status(line)),
            None => self.printer.status(line),
        }
    }

    /// Takes the text at the foot away.
    pub(crate) fn clear(&self) {
        if let Some(foot) = &self.foot {
            foot.finish_and_clear();
        }
    }
}
