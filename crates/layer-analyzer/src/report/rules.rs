//! The rules of all findings, as `--fail-on` takes them.

use crate::analysis::{gates, rules as analysis};

/// The rules of all findings that there can be.
pub(crate) fn rules() -> impl Iterator<Item = &'static str> {
    let found = analysis::rules().into_iter().map(|rule| rule.id);
    found.chain(gates::RULES)
}
