//! Shell patterns: `*` is any text, `?` any character, and `\` makes the next one ordinary.

/// Takes what `pattern` matches off the start, the longest match if greedy.
pub(super) fn trim_start<'v>(value: &'v str, pattern: &str, is_greedy: bool) -> &'v str {
    let tokens = tokens(pattern);
    let mut ends = ends(value);
    let found = if is_greedy {
        ends.rfind(|&end| matches(&tokens, &value[..end]))
    } else {
        ends.find(|&end| matches(&tokens, &value[..end]))
    };
    &value[found.unwrap_or(0)..]
}

/// Takes what `pattern` matches off the end, the longest match if greedy.
pub(super) fn trim_end<'v>(value: &'v str, pattern: &str, is_greedy: bool) -> &'v str {
    let tokens = tokens(pattern);
    let mut starts = ends(value);
    let found = if is_greedy {
        starts.find(|&start| matches(&tokens, &value[start..]))
    } else {
        starts.rfind(|&start| matches(&tokens, &value[start..]))
    };
    &value[..found.unwrap_or(value.len())]
}

/// Replaces the first or every longest match of `pattern`.
pub(super) fn replace(value: &str, pattern: &str, with: &str, replaces_all: bool) -> String {
    let tokens = tokens(pattern);
    let mut result = String::new();
    let mut rest = value;
    loop {
        let end = ends(rest).rfind(|&end| matches(&tokens, &rest[..end]));
        let skip = match end {
            Some(end) => {
                result.push_str(with);
                if !replaces_all {
                    return result + &rest[end..];
                }
                rest = &rest[end..];
                end == 0
            }
            None => true,
        };
        let Some(c) = rest.chars().next() else {
            return result;
        };
        if skip {
            result.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    AnyText,
    AnyChar,
    Char(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut chars = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::AnyText,
            '?' => Token::AnyChar,
            '\\' => Token::Char(chars.next().unwrap_or('\\')),
            c => Token::Char(c),
        });
    }
    tokens
}

/// Where a part of `value` may end, from 0 to its length.
fn ends(value: &str) -> impl DoubleEndedIterator<Item = usize> {
    value
        .char_indices()
        .map(|(at, _)| at)
        .chain(std::iter::once(value.len()))
}

/// Whether the pattern matches the whole of `value`.
fn matches(tokens: &[Token], value: &str) -> bool {
    let chars: Vec<char> = value.chars().collect();
    let (mut t, mut c) = (0, 0);
    // Where to go on after the last `*`, should what follows it not fit.
    let mut retry = None;
    while c < chars.len() {
        match tokens.get(t) {
            Some(Token::AnyText) => {
                retry = Some((t + 1, c + 1));
                t += 1;
            }
            Some(&token) if token == Token::AnyChar || token == Token::Char(chars[c]) => {
                t += 1;
                c += 1;
            }
            _ => {
                let Some((after, from)) = retry else {
                    return false;
                };
                retry = Some((after, from + 1));
                (t, c) = (after, from);
            }
        }
    }
    tokens[t..].iter().all(|token| *token == Token::AnyText)
}
