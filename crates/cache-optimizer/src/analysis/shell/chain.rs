//! Scripts that are nothing but commands joined by `&&`, and where each command stands in them.
//!
//! Only such a script can be cut in two without a change of what it does.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// Words at a command's start that change the shell for the commands after it, or are no command.
const CHANGES_SHELL: [&str; 23] = [
    "!", ".", "alias", "case", "eval", "exec", "export", "for", "function", "if", "popd", "pushd",
    "read", "select", "set", "shopt", "source", "time", "trap", "umask", "unset", "until", "while",
];

/// The places of the commands in a script of nothing but commands joined by `&&`, each on one line or
/// on lines that are continued. `None` for any other script.
pub(crate) fn plain_chain(script: &str) -> Option<Vec<Range<usize>>> {
    let mut commands = Vec::new();
    let mut chars = script.char_indices().peekable();
    let mut start = 0;
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => while chars.next()?.1 != '\'' {},
            '"' => skip_double_quoted(&mut chars)?,
            '\\' => drop(chars.next()),
            '$' => skip_variable(&mut chars)?,
            '&' => {
                chars.next_if(|(_, next)| *next == '&')?;
                commands.push(command(script, start..at)?);
                start = at + 2;
            }
            ';' | '|' | '(' | ')' | '<' | '>' | '`' | '{' | '}' | '#' | '*' | '?' => return None,
            '\n' if !script[at..].trim().is_empty() => return None,
            _ => {}
        }
    }
    commands.push(command(script, start..script.len())?);
    Some(commands)
}

fn skip_double_quoted(chars: &mut Peekable<CharIndices<'_>>) -> Option<()> {
    loop {
        match chars.next()?.1 {
            '"' => return Some(()),
            '\\' => drop(chars.next()),
            '`' => return None,
            '$' => skip_variable(chars)?,
            _ => {}
        }
    }
}

/// Skips the braces after a `$`; a substitution is no plain command.
fn skip_variable(chars: &mut Peekable<CharIndices<'_>>) -> Option<()> {
    match chars.peek()?.1 {
        '(' => None,
        '{' => {
            while chars.next()?.1 != '}' {}
            Some(())
        }
        _ => Some(()),
    }
}

/// The place without blanks and continued line ends around it. `None` when nothing is left, or what
/// is there acts on the shell itself.
fn command(script: &str, range: Range<usize>) -> Option<Range<usize>> {
    let is_blank = |c: char| c.is_whitespace();
    let mut text = &script[range.clone()];
    let mut start = range.start;
    loop {
        let trimmed = text.trim_start();
        let trimmed = without_continuation(trimmed).unwrap_or(trimmed);
        if trimmed.len() == text.len() {
            break;
        }
        start += text.len() - trimmed.len();
        text = trimmed;
    }
    loop {
        let trimmed = text.trim_end();
        let is_continued = trimmed.len() < text.len() && trimmed.ends_with('\\');
        let trimmed = if is_continued {
            &trimmed[..trimmed.len() - 1]
        } else {
            trimmed
        };
        if trimmed.len() == text.len() {
            break;
        }
        text = trimmed;
    }
    let first = text.split(is_blank).next().unwrap_or_default();
    (!first.is_empty() && !CHANGES_SHELL.contains(&first)).then(|| start..start + text.len())
}

fn without_continuation(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('\\')?;
    rest.strip_prefix('\n')
        .or_else(|| rest.strip_prefix("\r\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(script: &str) -> Option<Vec<&str>> {
        let ranges = plain_chain(script)?;
        Some(ranges.into_iter().map(|range| &script[range]).collect())
    }

    #[test]
    fn commands_of_a_chain_are_found_over_continued_lines() {
        let script = " npm ci \\\n    && A=\"b && c\" npm \\\n  run 'd;e' && echo ${F}  ";
        let expected = ["npm ci", "A=\"b && c\" npm \\\n  run 'd;e'", "echo ${F}"];
        assert_eq!(texts(script).unwrap(), expected);
        assert_eq!(texts("a && \\\n  b").unwrap(), ["a", "b"]);
    }

    #[test]
    fn any_other_script_is_no_plain_chain() {
        for script in [
            "a; b",
            "a || b",
            "a & b",
            "(a && b)",
            "a && $(b)",
            "a `b`",
            "a > b",
            "a\nb",
            "a # b",
            "set -e && a",
            "export A=b && a",
            "if a && b",
            "a &&",
            "a && 'b",
            "",
        ] {
            assert_eq!(texts(script), None, "{script}");
        }
    }

    proptest! {
        #[test]
        fn any_script_gives_places_in_it_or_none(script in "[a-c$(){}`'\"\\\\<>&|;#é \n]{0,60}") {
            for range in plain_chain(&script).unwrap_or_default() {
                prop_assert!(script.get(range).is_some_and(|text| !text.is_empty()));
            }
        }
    }
}
