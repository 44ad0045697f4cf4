//! Searches a text for credentials.
//!
//! One pass over the text looks for all words at once; a text without them costs what reading it
//! from memory does, or little more.

use aho_corasick::AhoCorasick;
use aho_corasick::packed::Searcher;
use std::sync::LazyLock;

use super::Secret;
use super::forms::{self, Found, Place};
use super::tokens::{TOKENS, Token};

/// How many credentials of one text are told.
///
/// Chosen: a reader who is shown three looks at the file; a hostile one fills no memory.
const SECRET_COUNT_MAX: usize = 3;

/// How many words of one text are looked at.
///
/// Chosen: no text of credentials has as many, and one that was made to cost time costs little.
const WORD_COUNT_MAX: usize = 10_000;

/// Words that stand before credentials, or are their start, and what they may be then.
const WORDS: [(&str, Form); 14] = [
    ("-----BEGIN ", Form::Pem),
    ("://", Form::Url),
    ("eyJ", Form::WebToken),
    ("\"auth\"", Form::RegistryAuth),
    ("_authToken", Form::NpmValue),
    (":_password", Form::NpmValue),
    ("_auth=", Form::NpmValue),
    ("machine ", Form::Netrc),
    (":$6$", Form::PasswordHash),
    (":$5$", Form::PasswordHash),
    (":$1$", Form::PasswordHash),
    (":$y$", Form::PasswordHash),
    (":$2y$", Form::PasswordHash),
    (":$apr1$", Form::PasswordHash),
];

#[derive(Clone, Copy, Debug)]
enum Form {
    Token(&'static Token),
    Pem,
    Url,
    WebToken,
    RegistryAuth,
    NpmValue,
    Netrc,
    PasswordHash,
}

struct Search {
    /// Looks at many bytes at once. `None` where the processor cannot.
    packed: Option<Searcher>,
    words: AhoCorasick,
    /// What each word means, in the order of the words.
    forms: Vec<Form>,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let prefixes = TOKENS.iter().flat_map(|token| {
        let prefixes = token.prefixes.iter();
        prefixes.map(move |prefix| (*prefix, Form::Token(token)))
    });
    let (words, forms): (Vec<&str>, Vec<Form>) = WORDS.into_iter().chain(prefixes).unzip();
    Search {
        packed: Searcher::new(&words),
        words: AhoCorasick::new(words).expect("the words are few and short"),
        forms,
    }
});

/// Returns the credentials in a text, in order, redacted; no more than a few.
pub(crate) fn scan(text: &[u8]) -> Vec<Secret> {
    let told = |found: Found| Secret {
        kind: found.kind,
        what: found.what,
        line: line(&text[..found.range.start]),
        excerpt: found.excerpt,
    };
    search(text).take(SECRET_COUNT_MAX).map(told).collect()
}

/// Where in a text credentials are.
pub(super) fn search(text: &[u8]) -> impl Iterator<Item = Found> {
    let mut seen_to = 0;
    let packed = SEARCH.packed.as_ref();
    let by_byte = packed.is_none().then(|| SEARCH.words.find_iter(text));
    let packed = packed.map(|packed| packed.find_iter(text));
    let words = packed.into_iter().flatten();
    let words = words.chain(by_byte.into_iter().flatten());
    words.take(WORD_COUNT_MAX).filter_map(move |word| {
        if word.start() < seen_to {
            return None;
        }
        let place = Place {
            text,
            start: word.start(),
            end: word.end(),
        };
        let found = found(SEARCH.forms[word.pattern().as_usize()], place)?;
        seen_to = found.range.end;
        Some(found)
    })
}

fn found(form: Form, place: Place) -> Option<Found> {
    match form {
        Form::Token(token) => forms::token(place, token),
        Form::Pem => forms::private_key(place),
        Form::Url => forms::url_password(place),
        Form::WebToken => forms::web_token(place),
        Form::RegistryAuth => forms::registry_auth(place),
        Form::NpmValue => forms::npm_value(place),
        Form::Netrc => forms::netrc_password(place),
        Form::PasswordHash => forms::password_hash(place),
    }
}

/// The line that follows a text.
fn line(before: &[u8]) -> u32 {
    let lines = before.split(|byte| *byte == b'\n').count();
    u32::try_from(lines).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
