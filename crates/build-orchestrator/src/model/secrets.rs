//! Keeps secret values out of what people and programs see.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// What stands in a report instead of a secret.
pub(crate) const REDACTED: &str = common::report::REDACTED;

/// Words that make a build argument's name look secret, whole between underscores.
///
/// Chosen: those of BuildKit's own check, and those of the registries' and clouds' variables.
/// Source: <https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/>
const SECRET_WORDS: [&str; 10] = [
    "AUTH",
    "CREDENTIAL",
    "CREDENTIALS",
    "KEY",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PWD",
    "SECRET",
    "TOKEN",
];

/// The shortest value that is also taken out of texts.
///
/// Chosen: a shorter one, such as `1`, would take apart texts that have nothing to do with it.
const VALUE_LENGTH_MIN: usize = 6;

/// The secret values of one target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets {
    values: Vec<String>,
}

impl Secrets {
    /// The values of those build arguments whose names look secret.
    pub(crate) fn of(build_args: &BTreeMap<String, String>) -> Self {
        let secret = build_args.iter().filter(|(name, _)| looks_secret(name));
        let mut values: Vec<String> = secret
            .map(|(_, value)| value.clone())
            .filter(|value| value.len() >= VALUE_LENGTH_MIN)
            .collect();
        // A value that holds another one goes first, else its rest would stay.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self { values }
    }

    /// A text without the secret values.
    pub(crate) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let replace = |text: Cow<'a, str>, value: &String| {
            if text.contains(value) {
                Cow::Owned(text.replace(value, REDACTED))
            } else {
                text
            }
        };
        self.values.iter().fold(Cow::Borrowed(text), replace)
    }
}

/// Whether a build argument's value must not be shown.
pub(crate) fn looks_secret(name: &str) -> bool {
    name.split('_').any(|word| {
        SECRET_WORDS
            .iter()
            .any(|secret| word.eq_ignore_ascii_case(secret))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_a_secret_word_look_secret() {
        for name in [
            "TOKEN",
            "NPM_TOKEN",
            "db_password",
            "AWS_SECRET_ACCESS_KEY",
            "API_KEY",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["VERSION", "KEYBOARD", "TOKENIZER", "MONKEY_PATCH", "BASE"] {
            assert!(!looks_secret(name), "{name}");
        }
    }

    #[test]
    fn values_are_taken_out_of_texts_unless_they_are_too_short() {
        let args = [
            ("A_TOKEN", "hunter22"),
            ("B_TOKEN", "hunter22-long"),
            ("C_TOKEN", "1"),
        ];
        let args = args.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let secrets = Secrets::of(&BTreeMap::from(args));
        let text = secrets.redact("x hunter22-long y hunter22 z 1");
        assert_eq!(text, "x <redacted> y <redacted> z 1");
    }
}
