//! Words of an instruction, split without a look at what they mean.

use super::Flag;

/// Splits at blanks outside quotes; quotes and escapes stay in the words.
pub(super) fn split_words(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        word.push(c);
        // Nothing can be escaped within single quotes.
        if c == escape && quote != Some('\'') {
            word.extend(chars.next());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Takes the flags off the front of an instruction's arguments.
///
/// Quotes and escapes are taken off the flags; that is all the quoting that BuildKit knows there.
/// A word `--` ends the flags.
pub(super) fn split_flags(arguments: &str, escape: char) -> (Vec<Flag>, &str) {
    let mut flags = Vec::new();
    let mut rest = arguments.trim_start();
    while rest.starts_with("--") {
        let (word, after) = split_flag_word(rest, escape);
        rest = after.trim_start();
        match word.strip_prefix("--") {
            None | Some("") => break,
            Some(flag) => flags.push(parse_flag(flag)),
        }
    }
    (flags, rest)
}

fn parse_flag(text: &str) -> Flag {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    Flag {
        name: name.to_owned(),
        value,
    }
}

/// The first word without its quotes and escapes, and the text after it.
fn split_flag_word(text: &str, escape: char) -> (String, &str) {
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c.is_whitespace() => return (word, &text[at..]),
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ if c == escape => word.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => word.push(c),
        }
    }
    (word, "")
}

/// The words of an argument list in JSON form. `None` when it is not in that form.
pub(super) fn json_words(text: &str) -> Option<Vec<String>> {
    text.starts_with('[')
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}
