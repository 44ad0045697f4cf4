//! What may have been meant by a name that is not there.

/// How alike two names have to be, from 0 to 1, to take one for a slip of the other.
///
/// Chosen: two letters swapped in a word of six are, two short words with one letter in common are
/// not.
const LIKENESS_MIN: f64 = 0.8;

/// The end of a message about an unknown name: the one that was probably meant, else all there are.
pub(crate) fn hint(name: &str, valid: &[String]) -> String {
    let likeness = |valid: &String| strsim::jaro_winkler(name, valid);
    let nearest = valid
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest {
        None => String::new(),
        Some(nearest) if likeness(nearest) >= LIKENESS_MIN => {
            format!("; did you mean `{nearest}`?")
        }
        Some(_) => format!("; there are `{}`", valid.join("`, `")),
    }
}
