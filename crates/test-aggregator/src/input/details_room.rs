//! How much of the texts of failures is kept: of each case, and of all files together.

use common::report::DETAILS_BYTES_MAX;

/// How many bytes are kept of all texts together.
///
/// Chosen: a hundred thousand stack traces. Nobody reads more, and a run in which everything failed
/// must neither exhaust a CI runner's memory nor make a report too large for the next tool.
const SUM_BYTES_MAX: usize = 64 << 20;

/// The room that is left.
pub(crate) struct DetailsRoom {
    free_bytes: usize,
}

impl Default for DetailsRoom {
    fn default() -> Self {
        Self {
            free_bytes: SUM_BYTES_MAX,
        }
    }
}

impl DetailsRoom {
    /// The start of a text that there is room for, which is taken.
    pub(super) fn take<'a>(&mut self, text: &'a str) -> &'a str {
        let bytes_max = DETAILS_BYTES_MAX.min(self.free_bytes);
        let kept = &text[..text.floor_char_boundary(bytes_max)];
        self.free_bytes -= kept.len();
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_some_of_each_text_and_of_all() {
        let mut room = DetailsRoom { free_bytes: 16_390 };
        let long = "x".repeat(20_000);
        assert_eq!(room.take(&long).len(), 16_384);
        assert_eq!(room.take("éééé"), "ééé");
        assert_eq!(room.take("a"), "");
    }
}
