//! Variables that hold secrets, by name.

use common::secrets::looks_secret;
use std::ops::Range;

use super::plausible::{is_placeholder, is_template};

/// Words of names whose values are as often something else.
const WEAK_WORDS: [&str; 3] = ["AUTH", "KEY", "PWD"];

/// Words of names that say that the value is something else than a secret.
///
/// Chosen: what the variables of public images end with, such as `POSTGRES_PASSWORD_FILE`.
const OTHER_WORDS: [&str; 18] = [
    "ALGORITHM",
    "DIR",
    "ENABLED",
    "EXPIRY",
    "FILE",
    "FINGERPRINT",
    "GPG",
    "HEADER",
    "ID",
    "LENGTH",
    "METHOD",
    "NAME",
    "PATH",
    "PGP",
    "PUBLIC",
    "TTL",
    "TYPE",
    "URL",
];

/// The shortest value that is taken for a secret.
///
/// Chosen: with fewer characters it is a number or a word for on and off.
const VALUE_LENGTH_MIN: usize = 4;

/// The same for names that may mean something else.
///
/// Chosen: providers' keys are longer, names of methods and files shorter.
const WEAK_VALUE_LENGTH_MIN: usize = 16;

/// Whether a variable holds a secret, as its name says and its value does not rule out.
pub(crate) fn is_secret_variable(name: &str, value: &str) -> bool {
    let words = || name.split('_');
    let is_among =
        |word: &str, list: &[&str]| list.iter().any(|other| word.eq_ignore_ascii_case(other));
    let is_weak = !words().any(|word| looks_secret(word) && !is_among(word, &WEAK_WORDS));
    let length_min = if is_weak {
        WEAK_VALUE_LENGTH_MIN
    } else {
        VALUE_LENGTH_MIN
    };
    let is_path = value.starts_with(['/', '.', '~']) || value.contains("://");
    looks_secret(name)
        && !words().any(|word| is_among(word, &OTHER_WORDS))
        && value.len() >= length_min
        && !is_path
        && !is_template(value.as_bytes())
        && !is_placeholder(value.as_bytes())
}

/// `NAME=VALUE` in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assignment<'a> {
    /// The variable.
    pub(crate) name: &'a str,
    /// What it is set to, without quotes.
    pub(crate) value: &'a str,
    /// Where in the text the value starts.
    start: usize,
}

impl Assignment<'_> {
    /// Whether the value is a secret.
    pub(crate) fn is_secret(&self) -> bool {
        is_secret_variable(self.name, self.value)
    }

    /// Where in the text the value is.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.value.len()
    }
}

/// Returns what a command sets, in order.
pub(crate) fn assignments(text: &str) -> impl Iterator<Item = Assignment<'_>> {
    let equals = text.match_indices('=').map(|(at, _)| at);
    equals.filter_map(|at| {
        let before = &text[..at];
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = &before[before.trim_end_matches(is_part).len()..];
        let after = &text[at + 1..];
        let (skipped, length) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => (1, after[1..].find(quote)?),
            _ => (0, after.find(is_end).unwrap_or(after.len())),
        };
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        is_name.then(|| Assignment {
            name,
            value: &after[skipped..skipped + length],
            start: at + 1 + skipped,
        })
    })
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, ';' | '&' | '|' | ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_tell_together() {
        let cases = [
            ("NPM_TOKEN", "tr0ub4dor", true),
            ("DB_PASSWORD", "root1", true),
            ("API_KEY", "0123456789abcdef0", true),
            ("SORT_KEY", "name", false),
            ("GPG_KEY", "E3FF2839C048B25C084DEBE9B26995E310250568", false),
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/db", false),
            ("POSTGRES_PASSWORD", "", false),
            ("PASSWORD", "changeme", false),
            ("TOKEN", "$TOKEN", false),
            ("AUTH_TYPE", "basic-over-https-only", false),
            ("PWD", "/srv", false),
            ("VERSION", "tr0ub4dor", false),
        ];
        for (name, value, expected) in cases {
            assert_eq!(is_secret_variable(name, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn assignments_are_read_with_their_quotes() {
        let found: Vec<_> = assignments("|2 A=b TOKEN=x,y; /bin/sh -c C=\"d e\" ==f")
            .map(|assignment| (assignment.name, assignment.value))
            .collect();
        assert_eq!(found, [("A", "b"), ("TOKEN", "x"), ("C", "d e")]);
    }
}
