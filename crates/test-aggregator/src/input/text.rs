//! Character data: references resolved, and kept up to a limit.
//!
//! Nothing is rejected here. What XML forbids, such as an escape character, is kept for the
//! renderer to show; a reference that names nothing is kept as it is written, which also leaves
//! entities of a document type unexpanded.

use std::borrow::Cow;

/// Text that is collected in pieces.
#[derive(Debug, Default)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    /// Where the piece begins whose references are not resolved yet.
    piece_start: usize,
    bytes_max: usize,
    dropped_bytes: u64,
}

impl Text {
    /// Forgets all, and keeps up to `bytes_max` from now on.
    pub(crate) fn reset(&mut self, bytes_max: usize) {
        self.bytes.clear();
        self.piece_start = 0;
        self.bytes_max = bytes_max;
        self.dropped_bytes = 0;
    }

    /// Adds bytes to the current piece.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let room = self.bytes_max - self.bytes.len().min(self.bytes_max);
        let kept = bytes.len().min(room);
        self.bytes.extend_from_slice(&bytes[..kept]);
        self.dropped_bytes += (bytes.len() - kept) as u64;
    }

    /// Ends a piece in which references stand for characters.
    pub(crate) fn end_escaped(&mut self) {
        let piece = &self.bytes[self.piece_start..];
        if memchr::memchr(b'&', piece).is_some() {
            let piece = String::from_utf8_lossy(piece).into_owned();
            self.bytes.truncate(self.piece_start);
            self.bytes.extend_from_slice(unescaped(&piece).as_bytes());
        }
        self.end_literal();
    }

    /// Ends a piece in which every character stands for itself.
    pub(crate) fn end_literal(&mut self) {
        self.piece_start = self.bytes.len();
    }

    /// What was kept, and the number of bytes that were not.
    pub(crate) fn kept(&self) -> (Cow<'_, str>, u64) {
        (String::from_utf8_lossy(&self.bytes), self.dropped_bytes)
    }
}

/// Resolves the references of a text.
pub(crate) fn unescaped(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        resolved.push_str(&rest[..start]);
        rest = &rest[start..];
        // What is no reference is kept as it is.
        let (c, length) = reference(rest).unwrap_or(('&', 1));
        resolved.push(c);
        rest = &rest[length..];
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

/// The longest reference that is looked for, which is `&#x10FFFF;` with some zeros.
const REFERENCE_BYTES_MAX: usize = 16;

/// The character that the reference at the start of `text` stands for, and its length in bytes.
fn reference(text: &str) -> Option<(char, usize)> {
    let window = &text.as_bytes()[..text.len().min(REFERENCE_BYTES_MAX)];
    let end = memchr::memchr(b';', window)?;
    let c = match &text[1..end] {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        name => numbered_char(name.strip_prefix('#')?)?,
    };
    Some((c, end + 1))
}

fn numbered_char(number: &str) -> Option<char> {
    let code = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_become_characters() {
        assert_eq!(
            unescaped("&lt;a&gt; &amp;&amp; &quot;b&apos; &#233;&#xE9;"),
            "<a> && \"b' éé"
        );
    }

    #[test]
    fn forbidden_characters_are_kept() {
        assert_eq!(unescaped("&#27;[31m&#0;"), "\u{1b}[31m\0");
    }

    #[test]
    fn what_is_no_reference_stays_as_it_is() {
        for text in ["a & b", "&unknown;", "&#xD800;", "&#;", "&", "&amp", "&é;"] {
            assert_eq!(unescaped(text), text);
        }
    }

    #[test]
    fn a_reference_is_resolved_once() {
        assert_eq!(unescaped("&amp;lt;"), "&lt;");
    }

    #[test]
    fn pieces_may_be_torn_within_a_character_or_reference() {
        let mut text = Text::default();
        text.reset(100);
        for byte in "é&lt;".bytes() {
            text.push(&[byte]);
        }
        text.end_escaped();
        text.push(b"&lt;");
        text.end_literal();
        assert_eq!(text.kept(), ("é<&lt;".into(), 0));
    }

    #[test]
    fn what_exceeds_the_limit_is_counted() {
        let mut text = Text::default();
        text.reset(3);
        text.push(b"ab");
        text.push(b"cdef");
        text.push(b"g");
        assert_eq!(text.kept(), ("abc".into(), 4));
    }

    proptest! {
        #[test]
        fn any_text_is_resolved(text in ".{0,40}") {
            let _ = unescaped(&text);
        }
    }
}
