//! Why a case, or a whole suite, did not pass: `failure`, `error` and `skipped` elements.

use common::report::DETAILS_BYTES_MAX;
use quick_xml::events::BytesStart;

use crate::input::details_room::DetailsRoom;
use crate::input::text::{Text, unescaped};
use crate::model::case::Outcome;
use crate::model::file::{Remark, RemarkKind};

/// The longest message that is kept.
///
/// Chosen: a message is one line on a terminal; what is longer is in the details.
const MESSAGE_BYTES_MAX: usize = 1024;

/// One reason, or several equally grave ones together.
#[derive(Debug, Default)]
pub(super) struct Reason {
    outcome: Outcome,
    /// Whether it says that the test is still to be done, so that a failure of it is none.
    /// Node writes a failing TODO as `<skipped type="todo"/>` and `<failure>`.
    is_todo: bool,
    /// Where its tag begins.
    line: u32,
    message: String,
    kind: String,
    text: String,
    dropped_bytes: u64,
}

impl Reason {
    /// Begins a reason with its tag.
    pub(super) fn start(tag: &BytesStart<'_>, line: u32) -> Result<Self, String> {
        let outcome = match tag.local_name().as_ref() {
            "error" => Outcome::Errored,
            "failure" => Outcome::Failed,
            _ => Outcome::Skipped,
        };
        let mut reason = Self {
            outcome,
            line,
            ..Self::default()
        };
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = unescaped(&attribute.value);
            match attribute.key.as_ref() {
                "message" => reason.message = value.into_owned(),
                "type" => reason.kind = value.into_owned(),
                _ => {}
            }
        }
        let is_skipped = outcome == Outcome::Skipped;
        reason.is_todo = is_skipped && reason.kind.eq_ignore_ascii_case("todo");
        Ok(reason)
    }

    /// Ends a reason with the text of its element.
    pub(super) fn finish(&mut self, text: &Text) {
        let (kept, dropped_bytes) = text.kept();
        without_blank_ends(&kept).clone_into(&mut self.text);
        self.dropped_bytes = dropped_bytes;
    }

    /// Takes in another reason of the same case.
    pub(super) fn merge(&mut self, other: Self) {
        let rank = |reason: &Self| (reason.is_todo, reason.outcome);
        if rank(self) > rank(&other) {
            return;
        }
        if rank(self) < rank(&other) {
            *self = other;
            return;
        }
        // Google Test writes a failure per assertion; the first has the message.
        self.dropped_bytes += other.dropped_bytes;
        let more = if other.text.is_empty() {
            &other.message
        } else {
            &other.text
        };
        if self.text.len() > DETAILS_BYTES_MAX {
            self.dropped_bytes += more.len() as u64;
        } else if !more.is_empty() {
            if self.text.is_empty() {
                self.text.clone_from(&self.message);
            }
            self.text.push_str("\n\n");
            self.text.push_str(more);
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcome
    }

    pub(super) fn is_todo(&self) -> bool {
        self.is_todo
    }

    /// The first line that says something: of the message, else of the text, else the type.
    pub(super) fn message(&self) -> Option<String> {
        let lines = self.message.lines().chain(self.text.lines());
        let mut lines = lines.chain([self.kind.as_str()]).map(str::trim);
        let line = lines.find(|line| !line.is_empty())?;
        let mut message = line[..line.floor_char_boundary(MESSAGE_BYTES_MAX)].to_owned();
        if message.len() < line.len() {
            message.push('…');
        }
        Some(message)
    }

    /// The text, or the message when that is longer than one line; what there is room for.
    pub(super) fn details(&self, room: &mut DetailsRoom) -> Option<String> {
        let message = without_blank_ends(&self.message);
        let has_more = message.len() > MESSAGE_BYTES_MAX || message.contains('\n');
        let whole = match self.text.as_str() {
            "" if has_more => message,
            "" => return None,
            text => text,
        };
        let kept = room.take(whole);
        let cut_bytes = (whole.len() - kept.len()) as u64 + self.dropped_bytes;
        Some(match (kept, cut_bytes) {
            (kept, 0) => kept.to_owned(),
            ("", cut_bytes) => format!("[{cut_bytes} bytes were cut off]"),
            (kept, cut_bytes) => format!("{kept}\n[{cut_bytes} more bytes were cut off]"),
        })
    }

    /// The remark that a reason outside of all cases makes.
    pub(super) fn into_suite_remark(self, suite: &str) -> Remark {
        Remark {
            line: self.line,
            kind: RemarkKind::SuiteFailed {
                suite: suite.to_owned(),
                message: self.message(),
            },
        }
    }
}

/// Removes blank lines at the start, but no indentation, and all blanks at the end.
fn without_blank_ends(text: &str) -> &str {
    let blank = text.len() - text.trim_start().len();
    let start = text[..blank].rfind('\n').map_or(0, |line_end| line_end + 1);
    text[start..].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(outcome: Outcome, message: &str, text: &str) -> Reason {
        Reason {
            outcome,
            message: message.to_owned(),
            text: text.to_owned(),
            ..Reason::default()
        }
    }

    #[test]
    fn the_gravest_reason_decides() {
        let mut reasons = reason(Outcome::Failed, "first", "trace");
        reasons.merge(reason(Outcome::Skipped, "skipped", ""));
        assert_eq!(reasons.outcome(), Outcome::Failed);
        reasons.merge(reason(Outcome::Errored, "crashed", ""));
        assert_eq!(reasons.outcome(), Outcome::Errored);
        assert_eq!(reasons.message().unwrap(), "crashed");
    }

    #[test]
    fn equally_grave_reasons_are_kept_together() {
        let mut reasons = reason(Outcome::Failed, "a is wrong", "a\nis wrong");
        reasons.merge(reason(Outcome::Failed, "b is wrong", ""));
        assert_eq!(reasons.message().unwrap(), "a is wrong");
        assert_eq!(
            reasons.details(&mut DetailsRoom::default()).unwrap(),
            "a\nis wrong\n\nb is wrong"
        );
    }

    #[test]
    fn a_message_is_one_line_and_the_rest_of_it_is_details() {
        let failure = reason(Outcome::Failed, "\n expected 1\n got 2\n", "");
        assert_eq!(failure.message().unwrap(), "expected 1");
        assert_eq!(
            failure.details(&mut DetailsRoom::default()).unwrap(),
            " expected 1\n got 2"
        );
        let failure = reason(Outcome::Failed, "expected 1", "");
        assert_eq!(failure.details(&mut DetailsRoom::default()), None);
    }

    #[test]
    fn long_text_is_cut_between_characters_and_says_so() {
        let failure = reason(Outcome::Failed, "", &format!("x{}", "é".repeat(10_000)));
        let details = failure.details(&mut DetailsRoom::default()).unwrap();
        let (kept, note) = details.split_once('\n').unwrap();
        assert_eq!(kept.len(), 16_383);
        assert_eq!(note, "[3618 more bytes were cut off]");
        let mut full = DetailsRoom::default();
        while !full.take(&"x".repeat(10_000)).is_empty() {}
        let details = reason(Outcome::Failed, "", "trace").details(&mut full);
        assert_eq!(details.unwrap(), "[5 bytes were cut off]");
    }
}
