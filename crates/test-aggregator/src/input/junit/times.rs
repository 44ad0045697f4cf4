//! The times of a file's cases, and what is odd about them, said once per file.

use crate::input::seconds::{Time, parse_time};
use crate::model::elapsed::Elapsed;
use crate::model::file::{Remark, RemarkKind};

#[derive(Debug, Default)]
pub(super) struct Times {
    has_decimal_comma: bool,
    unusable: Option<Odd>,
    ambiguous: Option<Odd>,
}

/// Times that are odd in the same way.
#[derive(Debug)]
struct Odd {
    line: u32,
    first: String,
    count: u64,
}

impl Times {
    /// Reads the time of a case, and remembers it if it is odd. `None` when there is none.
    pub(super) fn read(&mut self, text: &str, line: u32) -> Option<Elapsed> {
        if text.is_empty() {
            return None;
        }
        let time = parse_time(text);
        match time {
            Time::Certain {
                has_decimal_comma, ..
            } => self.has_decimal_comma |= has_decimal_comma,
            Time::Ambiguous { .. } => count(&mut self.ambiguous, text, line),
            Time::Unusable => count(&mut self.unusable, text, line),
        }
        time.elapsed()
    }

    /// Whether a time showed that a comma separates decimals.
    pub(super) fn has_decimal_comma(&self) -> bool {
        self.has_decimal_comma
    }

    /// The remarks on odd times. One decimal comma settles what the ambiguous ones mean.
    pub(super) fn into_remarks(self) -> impl Iterator<Item = Remark> {
        let unusable = self.unusable.map(|Odd { line, first, count }| Remark {
            line,
            kind: RemarkKind::UnusableTimes { first, count },
        });
        let ambiguous = self.ambiguous.filter(|_| !self.has_decimal_comma);
        let ambiguous = ambiguous.map(|Odd { line, first, count }| Remark {
            line,
            kind: RemarkKind::AmbiguousTimes { first, count },
        });
        unusable.into_iter().chain(ambiguous)
    }
}

fn count(odd: &mut Option<Odd>, text: &str, line: u32) {
    let odd = odd.get_or_insert_with(|| Odd {
        line,
        first: text.chars().take(40).collect(),
        count: 0,
    });
    odd.count += 1;
}
