//! Tells credentials from what stands for one in examples, templates and documentation.

/// Values that nobody means, whole and in lower case.
///
/// Chosen: what documentation and sample configurations write where a password is due.
const PLACEHOLDERS: [&[u8]; 36] = [
    b"admin",
    b"bar",
    b"baz",
    b"basic",
    b"bearer",
    b"credentials",
    b"default",
    b"disabled",
    b"enabled",
    b"false",
    b"foo",
    b"hidden",
    b"hunter2",
    b"key",
    b"login",
    b"mypass",
    b"name",
    b"no",
    b"none",
    b"null",
    b"optional",
    b"pass",
    b"passphrase",
    b"passwd",
    b"password",
    b"passwort",
    b"pw",
    b"pwd",
    b"required",
    b"secret",
    b"test",
    b"token",
    b"true",
    b"undefined",
    b"user",
    b"username",
];

/// Parts that make any value one that nobody means, in lower case.
const PLACEHOLDER_PARTS: [&[u8]; 14] = [
    b"example",
    b"xxxx",
    b"****",
    b"....",
    b"your",
    b"change",
    b"placeholder",
    b"dummy",
    b"sample",
    b"redacted",
    b"insert",
    b"replace",
    b"mypassword",
    b"my-password",
];

/// Characters of templates, formats and variables, which are no part of a value.
const TEMPLATE_BYTES: &[u8] = b"<>{}$()[]*|\\\"'`";

/// How many characters in a row may follow each other in the alphabet.
///
/// Chosen: `abcdefgh` and `12345678` are examples; six in a row come up in random text too.
const SEQUENCE_MAX: usize = 7;

/// How many different characters a random text has at least; half of its length, if it is short.
///
/// Chosen: of 16 random hexadecimal digits fewer than 8 are different once in some hundred times,
/// of longer texts fewer than 10 practically never.
const DISTINCT_MIN: usize = 10;

/// Whether a value stands for one that is to be filled in, or for none.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    PLACEHOLDERS.contains(&value.as_slice())
        || PLACEHOLDER_PARTS.iter().any(|part| contains(&value, part))
        || value.iter().all(|byte| Some(byte) == value.first())
}

/// Whether a value is, or holds, a variable or a place of a format string.
pub(super) fn is_template(value: &[u8]) -> bool {
    let is_escape = |pair: &[u8]| pair[0] == b'%' && !pair[1].is_ascii_hexdigit();
    value.iter().any(|byte| TEMPLATE_BYTES.contains(byte))
        || value.windows(2).any(is_escape)
        || value.ends_with(b"%")
}

/// Whether a text can have been drawn at random.
pub(super) fn is_random(text: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in text {
        seen[usize::from(*byte)] = true;
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    distinct >= DISTINCT_MIN.min(text.len() / 2)
        && longest_sequence(text) <= SEQUENCE_MAX
        && !contains(&text.to_ascii_lowercase(), b"example")
        && !contains(&text.to_ascii_lowercase(), b"xxxx")
}

fn longest_sequence(text: &[u8]) -> usize {
    let (mut longest, mut length) = (1, 1);
    for pair in text.windows(2) {
        let is_next = pair[0].checked_add(1) == Some(pair[1]);
        length = if is_next { length + 1 } else { 1 };
        longest = longest.max(length);
    }
    longest
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_value_is_none() {
        for value in [
            "password",
            "CHANGEME",
            "your-token-here",
            "xxxxxxxx",
            "aaaa",
            "",
            "None",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["tr0ub4dor&3", "correct-horse", "passw0rd!x"] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn variables_and_formats_are_templates() {
        for value in ["${PASSWORD}", "%s", "<secret>", "{0}", "a%"] {
            assert!(is_template(value.as_bytes()), "{value}");
        }
        assert!(!is_template(b"p%40ss"));
    }

    #[test]
    fn sequences_and_repetition_are_not_random() {
        for text in [
            "abcdefghijklmnop",
            "0000000011111111",
            "AKIAIOSFODNN7EXAMPLE",
        ] {
            assert!(!is_random(text.as_bytes()), "{text}");
        }
        assert!(is_random(b"Q7ZKD2MX5WNR3TPL"));
    }
}
