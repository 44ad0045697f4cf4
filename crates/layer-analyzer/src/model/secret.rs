//! Credentials in texts: how they look, and what of them may be shown.
//!
//! What is found is redacted at once, so that no secret gets beyond this module. Texts are searched
//! for words that credentials start with or stand behind; only then is looked closer. Formats are
//! facts of the providers' documentation; where those do not say, of the rules of gitleaks.

mod forms;
mod plausible;
mod scan;
mod tokens;

pub(crate) use plausible::is_placeholder;
pub(crate) use scan::scan;

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
