//! Variables in a Dockerfile's words.

/// Puts variables into a word, as BuildKit does: `$NAME`, `${NAME}`, `${NAME:-word}`,
/// `${NAME-word}`, `${NAME:+word}`, `${NAME+word}`, `${NAME:?word}`, `${NAME?word}`,
/// `${NAME#pattern}`, `${NAME##pattern}`, `${NAME%pattern}`, `${NAME%%pattern}`,
/// `${NAME/pattern/word}` and `${NAME//pattern/word}`. A variable that `lookup` does not know is
/// empty.
/// Source: <https://docs.docker.com/reference/dockerfile/#environment-replacement>
///
/// # Errors
///
/// The word is malformed, or a `?` form names a variable that is not set.
pub fn expand(
    _word: &str,
    _escape: char,
    _lookup: impl Fn(&str) -> Option<String>,
) -> Result<String, ExpandError> {
    unimplemented!("written by the build-orchestrator helper")
}

/// Why variables cannot be put into a word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// The word ends within a variable, or has something else than a name in one.
    #[error("malformed variable in `{word}`")]
    Malformed {
        /// The word.
        word: String,
    },
    /// A variable that has to be set is not.
    #[error("`{name}` is not set: {message}")]
    Required {
        /// The variable.
        name: String,
        /// What the word says in that case.
        message: String,
    },
}
