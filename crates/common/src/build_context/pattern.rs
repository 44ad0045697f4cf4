//! Path patterns, as `.dockerignore` and `COPY` have them.
//!
//! Those of Go's `filepath.Match`, and `**` for any number of folders.
//! Source: <https://pkg.go.dev/path/filepath#Match>, github.com/moby/patternmatcher

use regex::Regex;

/// The regular expression that a pattern means. `None` when it means none.
pub fn expression(pattern: &str) -> Option<String> {
    let mut expression = "^".to_owned();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                rest.next_if_eq(&'/');
                let is_last = rest.peek().is_none();
                expression.push_str(if is_last { ".*" } else { "(.*/)?" });
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' => push_class(&mut expression, &mut rest),
            '\\' => expression.push_str(&regex::escape(&rest.next()?.to_string())),
            c => expression.push_str(&regex::escape(&c.to_string())),
        }
    }
    expression.push('$');
    Regex::new(&expression).ok()?;
    Some(expression)
}

/// Copies a class such as `[^a-z]`; everything but its ranges and negation is meant literally.
fn push_class(expression: &mut String, rest: &mut impl Iterator<Item = char>) {
    expression.push('[');
    let mut is_first = true;
    while let Some(c) = rest.next() {
        match c {
            ']' => {
                expression.push(']');
                return;
            }
            '^' if is_first => expression.push('^'),
            '-' => expression.push('-'),
            '\\' => expression.extend(rest.next().map(|c| regex::escape(&c.to_string()))),
            c if c.is_alphanumeric() => expression.push(c),
            c => expression.extend(['\\', c].iter().skip(usize::from(!c.is_ascii()))),
        }
        is_first = false;
    }
}
