//! Keeps secret values out of what people and programs see.

use common::secrets::{REDACTED, looks_secret};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The shortest value that is also taken out of texts.
///
/// Chosen: a shorter one, such as `1`, would take apart texts that have nothing to do with it.
const VALUE_LENGTH_MIN: usize = 6;

/// The secret values of one target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets {
    values: Vec<String>,
    /// Names that mean nothing to the reader, and what is shown in their place.
    replaced: Vec<(String, String)>,
}

impl Secrets {
    /// The values of those build arguments whose names look secret.
    pub(crate) fn of(build_args: &BTreeMap<String, String>) -> Self {
        let secret = build_args.iter().filter(|(name, _)| looks_secret(name));
        Self::default().with(secret.map(|(_, value)| value.clone()))
    }

    /// These and more values. Of one with several lines each line is hidden, because builders print
    /// line by line.
    pub(crate) fn with(mut self, values: impl Iterator<Item = String>) -> Self {
        for value in values {
            let lines = value.lines().map(str::trim).map(str::to_owned);
            self.values.extend(lines);
            self.values.push(value);
        }
        self.values.retain(|value| value.len() >= VALUE_LENGTH_MIN);
        // A value that holds another one goes first, else its rest would stay.
        let length = |value: &String| std::cmp::Reverse(value.len());
        self.values
            .sort_by(|a, b| length(a).cmp(&length(b)).then(a.cmp(b)));
        self.values.dedup();
        self
    }

    /// These, and a name that is shown as another one.
    pub(crate) fn showing(mut self, name: String, shown: String) -> Self {
        self.replaced.push((name, shown));
        self
    }

    /// A text without the secret values.
    pub(crate) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let hidden = self.values.iter().map(|value| (value.as_str(), REDACTED));
        let replaced = self.replaced.iter();
        let replaced = replaced.map(|(name, shown)| (name.as_str(), shown.as_str()));
        let replace = |text: Cow<'a, str>, (value, shown): (&str, &str)| {
            if text.contains(value) {
                Cow::Owned(text.replace(value, shown))
            } else {
                text
            }
        };
        hidden.chain(replaced).fold(Cow::Borrowed(text), replace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn each_line_of_a_secret_is_hidden() {
        let key = "-----BEGIN KEY-----\nhunter22hunter22\n-----END KEY-----\n".to_owned();
        let secrets = Secrets::default().with([key].into_iter());
        assert_eq!(secrets.redact("cat: hunter22hunter22!"), "cat: <redacted>!");
        assert_eq!(secrets.redact("-----END KEY-----"), "<redacted>");
    }
}
