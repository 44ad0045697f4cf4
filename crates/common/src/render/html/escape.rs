//! Text that cannot be taken for markup.

use crate::render::escape_control;

/// Writes text so that a browser shows it as it is, between tags and within the quotes of an
/// attribute. Control characters and direction overrides become visible.
///
/// Source: <https://html.spec.whatwg.org/multipage/parsing.html>, where only these characters end
/// either.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in escape_control(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_markup() {
        let cases = [
            (
                "<script>alert(1)</script>",
                "&lt;script&gt;alert(1)&lt;/script&gt;",
            ),
            (
                "\"><img src=x onerror='y'>",
                "&quot;&gt;&lt;img src=x onerror=&#39;y&#39;&gt;",
            ),
            ("a&amp;b", "a&amp;amp;b"),
            ("\x1b[31mred\x1b[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("gpj\u{202e}exe.\u{2066}", "gpj\\u{202e}exe.\\u{2066}"),
            ("a\0b\x7fc\u{85}d", "a\\u{0}b\\u{7f}c\\u{85}d"),
            ("two\nlines\tand é😀", "two\nlines\tand é😀"),
            ("]]><!--", "]]&gt;&lt;!--"),
        ];
        for (text, expected) in cases {
            assert_eq!(escape(text), expected);
        }
    }
}
