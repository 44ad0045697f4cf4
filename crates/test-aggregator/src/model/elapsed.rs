//! How long cases ran, while it is open what a comma in a number means.
//!
//! Some runners write numbers as their locale does, so `1,234` is one second or twenty minutes.
//! Which it is shows at the end of the file, when a number such as `0,160` was met or was not.

use std::ops::AddAssign;

/// A time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Elapsed {
    /// What is certain.
    pub(crate) certain_us: u64,
    /// What was read from numbers such as `1,234`, its commas taken as thousands separators.
    pub(crate) ambiguous_us: u64,
}

impl Elapsed {
    /// A time that is certain.
    pub(crate) fn certain(certain_us: u64) -> Self {
        Self {
            certain_us,
            ambiguous_us: 0,
        }
    }

    /// The whole time in microseconds, once it is known what a comma means.
    pub(crate) fn total_us(self, has_decimal_comma: bool) -> u64 {
        // Exactly three digits follow the comma, so that one reading is a thousand times the other.
        let divisor = if has_decimal_comma { 1000 } else { 1 };
        self.certain_us.saturating_add(self.ambiguous_us / divisor)
    }
}

impl AddAssign for Elapsed {
    fn add_assign(&mut self, more: Self) {
        self.certain_us = self.certain_us.saturating_add(more.certain_us);
        self.ambiguous_us = self.ambiguous_us.saturating_add(more.ambiguous_us);
    }
}
