//! The rules of all findings.

use super::{gates, waste};
use crate::analysis::gates::RULES as GATE_RULES;

/// The rules of all findings that there can be. A rule is never reused for something else.
pub(crate) fn rules() -> impl Iterator<Item = &'static str> {
    [waste::WASTED_BYTES_RULE, gates::NO_BASELINE_RULE]
        .into_iter()
        .chain(GATE_RULES)
}
