//! Credentials in texts: how they look, and what of them may be shown.
//!
//! What is found is redacted at once, so that no secret gets beyond this module. Texts are searched
//! for words that credentials start with or stand behind; only then is looked closer. Formats are
//! facts of the providers' documentation; where those do not say, of the rules of gitleaks.

mod forms;
mod plausible;
mod scan;
mod tokens;
mod variables;

use common::secrets::REDACTED;
use std::borrow::Cow;
use std::ops::Range;

pub(crate) use scan::scan;
pub(crate) use variables::{Assignment, assignments, is_secret_variable};

/// A credential that was found, without the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    /// What kind of credential it is.
    pub(crate) kind: SecretKind,
    /// What it is, such as `a GitHub token`.
    pub(crate) what: &'static str,
    /// The line that it starts on, from 1.
    pub(crate) line: u32,
    /// What may be shown of it: its first characters where all of its kind start so, and how many
    /// there are.
    pub(crate) excerpt: Box<str>,
}

/// What a credential is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SecretKind {
    /// A private key that anybody can use.
    PrivateKey,
    /// A private key behind a passphrase.
    EncryptedKey,
    /// A token that a provider hands out, which is enough to act in somebody's name.
    Token,
    /// A password, in a form that programs read.
    Password,
    /// The hash of a password.
    PasswordHash,
    /// A signed token that may have expired.
    WebToken,
    /// A name that is of use only with a secret that was not found.
    KeyId,
}

/// How many characters are shown of what starts alike for all.
///
/// Chosen: tells the provider, and is part of no secret.
const SHOWN_CHARS: usize = 4;

/// A text without its credentials and the values of variables that look secret.
pub(crate) fn redacted(text: &str) -> Cow<'_, str> {
    let found = scan::search(text.as_bytes()).map(|found| found.range);
    let assigned = assignments(text)
        .filter(Assignment::is_secret)
        .map(|assignment| assignment.range());
    let mut ranges: Vec<Range<usize>> = found.chain(assigned).collect();
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut safe = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        if range.start >= at {
            safe.push_str(text.get(at..range.start).unwrap_or_default());
            safe.push_str(REDACTED);
        }
        at = at.max(range.end);
    }
    safe.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(safe)
}

/// What may be shown of a token whose start is no secret.
fn redacted_token(token: &[u8]) -> Box<str> {
    let start: String = token
        .iter()
        .take(SHOWN_CHARS)
        .map(|byte| char::from(*byte))
        .collect();
    format!("{start}…, {} characters", token.len()).into()
}

/// What may be shown of a password: how long it is.
pub(crate) fn redacted_password(password: &[u8]) -> Box<str> {
    let count = String::from_utf8_lossy(password).chars().count();
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} character{plural}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_shown_without_their_secrets() {
        let cases = [
            ("RUN make", "RUN make"),
            (
                "RUN curl https://app:tr0ub4dor@db.corp/x",
                "RUN curl https://app:<redacted>@db.corp/x",
            ),
            (
                "RUN NPM_TOKEN=tr0ub4dor npm ci",
                "RUN NPM_TOKEN=<redacted> npm ci",
            ),
            (
                "ENV A_PASSWORD=\"correct horse\" B=c",
                "ENV A_PASSWORD=\"<redacted>\" B=c",
            ),
            (
                "RUN TOKEN=$(cat /run/token) x",
                "RUN TOKEN=$(cat /run/token) x",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(redacted(text), expected);
        }
    }
}
