//! Which name was probably meant.

/// How similar a name has to be to be proposed, from 0 to 1.
///
/// Chosen: clap's own threshold for its suggestions.
const SIMILARITY_MIN: f64 = 0.7;

/// The most similar of the `others`, if one is similar; of equals the first in order.
pub(super) fn nearest(name: &str, others: impl Iterator<Item = String>) -> Option<String> {
    let scored = others.map(|other| (strsim::jaro(name, &other), other));
    scored
        .filter(|(similarity, _)| *similarity > SIMILARITY_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)))
        .map(|(_, name)| name)
}
