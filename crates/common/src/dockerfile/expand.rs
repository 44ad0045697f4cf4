//! Variables, quotes and escapes in a Dockerfile's words.

mod pattern;

use std::iter::Peekable;
use std::str::Chars;

/// Puts variables into a word, as BuildKit does: `$NAME`, `${NAME}`, `${NAME:-word}`,
/// `${NAME-word}`, `${NAME:+word}`, `${NAME+word}`, `${NAME:?word}`, `${NAME?word}`,
/// `${NAME#pattern}`, `${NAME##pattern}`, `${NAME%pattern}`, `${NAME%%pattern}`,
/// `${NAME/pattern/word}` and `${NAME//pattern/word}`. A variable that `lookup` does not know is
/// empty.
///
/// Quotes are taken off: nothing is special within single quotes, and only `$` and `escape` are
/// within double quotes. Outside quotes `escape` makes the character after it ordinary; within
/// double quotes it does so before `"`, `$` and itself, and stays otherwise.
/// Source: <https://docs.docker.com/reference/dockerfile/#environment-replacement>
///
/// # Errors
///
/// The word is malformed, or a `?` form names a variable that is not set.
pub fn expand(
    word: &str,
    escape: char,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<String, ExpandError> {
    let mut expansion = Expansion {
        word,
        chars: word.chars().peekable(),
        escape,
        lookup: &lookup,
        depth: 0,
    };
    expansion.until(None, Escapes::Resolved)
}

/// Why variables cannot be put into a word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// The word ends within a variable or quotes, or has something else than a name in a variable.
    #[error("malformed variable or quotes in `{word}`")]
    Malformed {
        /// The word.
        word: String,
    },
    /// A variable that has to be set is not.
    #[error("`{name}` is not set: {message}")]
    Required {
        /// The variable.
        name: String,
        /// What the word says in that case.
        message: String,
    },
}

/// How deep variables may stand within one another.
///
/// Chosen: far more than anybody can read, and far less than what the stack holds.
const DEPTH_MAX: usize = 50;

/// Whether escape characters are resolved, or kept for a pattern to resolve.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Resolved,
    Kept,
}

struct Expansion<'a> {
    word: &'a str,
    chars: Peekable<Chars<'a>>,
    escape: char,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    depth: usize,
}

impl Expansion<'_> {
    /// Expands up to `stop`, which is consumed, or to the word's end when there is none.
    fn until(&mut self, stop: Option<char>, escapes: Escapes) -> Result<String, ExpandError> {
        let mut result = String::new();
        while let Some(c) = self.chars.next() {
            match c {
                c if Some(c) == stop => return Ok(result),
                '\'' => self.push_single_quoted(&mut result)?,
                '"' => self.push_double_quoted(&mut result, escapes)?,
                '$' => result.push_str(&self.variable()?),
                c if c == self.escape => {
                    if escapes == Escapes::Kept {
                        result.push(c);
                    }
                    result.extend(self.chars.next());
                }
                c => result.push(c),
            }
        }
        match stop {
            None => Ok(result),
            Some(_) => Err(self.malformed()),
        }
    }

    fn push_single_quoted(&mut self, result: &mut String) -> Result<(), ExpandError> {
        loop {
            match self.chars.next() {
                None => return Err(self.malformed()),
                Some('\'') => return Ok(()),
                Some(c) => result.push(c),
            }
        }
    }

    fn push_double_quoted(
        &mut self,
        result: &mut String,
        escapes: Escapes,
    ) -> Result<(), ExpandError> {
        loop {
            match self.chars.next() {
                None => return Err(self.malformed()),
                Some('"') => return Ok(()),
                Some('$') => result.push_str(&self.variable()?),
                Some(c) if c == self.escape => {
                    let escape = self.escape;
                    let is_escapable = |next: &char| matches!(next, '"' | '$') || *next == escape;
                    let escaped = self.chars.next_if(is_escapable);
                    if escapes == Escapes::Kept || escaped.is_none() {
                        result.push(c);
                    }
                    result.extend(escaped);
                }
                Some(c) => result.push(c),
            }
        }
    }

    /// The value of what follows a `$`.
    fn variable(&mut self) -> Result<String, ExpandError> {
        if self.chars.next_if_eq(&'{').is_none() {
            let name = self.name();
            return Ok(match name.as_str() {
                "" => "$".to_owned(),
                name => (self.lookup)(name).unwrap_or_default(),
            });
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.malformed());
        }
        let value = self.braced_variable();
        self.depth -= 1;
        value
    }

    fn braced_variable(&mut self) -> Result<String, ExpandError> {
        let name = self.name();
        if name.is_empty() {
            return Err(self.malformed());
        }
        let value = (self.lookup)(&name);
        match self.chars.next() {
            Some('}') => Ok(value.unwrap_or_default()),
            Some(':') => {
                let operator = self.chars.next();
                self.conditional(&name, value.filter(|value| !value.is_empty()), operator)
            }
            Some(operator @ ('-' | '+' | '?')) => self.conditional(&name, value, Some(operator)),
            Some(side @ ('#' | '%')) => self.trimmed(&value.unwrap_or_default(), side),
            Some('/') => self.replaced(&value.unwrap_or_default()),
            _ => Err(self.malformed()),
        }
    }

    /// `-`, `+` and `?`, where `value` is `None` if it counts as not set.
    fn conditional(
        &mut self,
        name: &str,
        value: Option<String>,
        operator: Option<char>,
    ) -> Result<String, ExpandError> {
        let word = self.until(Some('}'), Escapes::Resolved)?;
        match (operator, value) {
            (Some('-'), value) => Ok(value.unwrap_or(word)),
            (Some('+'), value) => Ok(value.map(|_| word).unwrap_or_default()),
            (Some('?'), Some(value)) => Ok(value),
            (Some('?'), None) => Err(ExpandError::Required {
                name: name.to_owned(),
                message: match word.as_str() {
                    "" => "it has to be".to_owned(),
                    _ => word,
                },
            }),
            _ => Err(self.malformed()),
        }
    }

    /// `#` and `##` take the pattern off the start, `%` and `%%` off the end.
    fn trimmed(&mut self, value: &str, side: char) -> Result<String, ExpandError> {
        let pattern = self.until(Some('}'), Escapes::Kept)?;
        let (pattern, is_greedy) = match pattern.strip_prefix(side) {
            Some(pattern) => (pattern, true),
            None => (pattern.as_str(), false),
        };
        let trim = match side {
            '#' => pattern::trim_start,
            _ => pattern::trim_end,
        };
        Ok(trim(value, pattern, is_greedy).to_owned())
    }

    fn replaced(&mut self, value: &str) -> Result<String, ExpandError> {
        let replaces_all = self.chars.next_if_eq(&'/').is_some();
        let pattern = self.until(Some('/'), Escapes::Kept)?;
        let replacement = self.until(Some('}'), Escapes::Kept)?;
        Ok(pattern::replace(
            value,
            &pattern,
            &replacement,
            replaces_all,
        ))
    }

    /// A name, a positional number, or one of the shell's special parameters.
    fn name(&mut self) -> String {
        let mut name = String::new();
        match self.chars.peek() {
            Some(c) if c.is_ascii_digit() => {
                while let Some(digit) = self.chars.next_if(char::is_ascii_digit) {
                    name.push(digit);
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => name.extend(self.chars.next()),
            _ => {
                while let Some(c) = self.chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    name.push(c);
                }
            }
        }
        name
    }

    fn malformed(&self) -> ExpandError {
        ExpandError::Malformed {
            word: self.word.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lookup(name: &str) -> Option<String> {
        let value = match name {
            "A" => "abc",
            "EMPTY" => "",
            "V" => "v1.2.3",
            "P" => "/usr/local/bin",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn every_form_has_its_value() {
        let cases = [
            ("$A/${A}x", "abc/abcx"),
            ("$NONE$", "$"),
            ("${NONE:-d}${NONE-d}${EMPTY:-d}${EMPTY-d}", "ddd"),
            ("${A:+s}${A+s}${EMPTY:+s}${EMPTY+s}${NONE+s}", "sss"),
            ("${A:?no}${EMPTY?no}", "abc"),
            ("${NONE:-${EMPTY:-$A}}", "abc"),
            ("${V#v}", "1.2.3"),
            ("${P#*/}", "usr/local/bin"),
            ("${P##*/}", "bin"),
            ("${V%.*}", "v1.2"),
            ("${V%%.*}", "v1"),
            ("${P/local/x}", "/usr/x/bin"),
            ("${V//./_}", "v1_2_3"),
            ("${V/./_}", "v1_2.3"),
            ("${P//\\//-}", "-usr-local-bin"),
            ("${V#x}", "v1.2.3"),
        ];
        for (word, expected) in cases {
            assert_eq!(
                expand(word, '\\', lookup).as_deref(),
                Ok(expected),
                "{word}"
            );
        }
    }

    #[test]
    fn quotes_and_escapes_are_taken_off() {
        let cases = [
            (r"'$A'", '\\', "$A"),
            (r#""$A 'x'""#, '\\', "abc 'x'"),
            (r"\$A\x", '\\', "$Ax"),
            (r#""\$A\x\"""#, '\\', "$A\\x\""),
            (r"c:\x`$A", '`', r"c:\x$A"),
            (r"a\", '\\', "a"),
        ];
        for (word, escape, expected) in cases {
            assert_eq!(
                expand(word, escape, lookup).as_deref(),
                Ok(expected),
                "{word}"
            );
        }
    }

    #[test]
    fn a_variable_that_must_be_set_is_named() {
        let error = expand("${NONE:?give it}", '\\', lookup).unwrap_err();
        assert_eq!(error.to_string(), "`NONE` is not set: give it");
        assert!(expand("${EMPTY:?}", '\\', lookup).is_err());
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for word in [
            "${", "${A", "${}", "${:x}", "${A!x}", "'a", "\"a", "${A/x}", "${A:=x}",
        ] {
            assert!(expand(word, '\\', lookup).is_err(), "{word}");
        }
    }

    proptest! {
        #[test]
        fn any_word_is_expanded_or_refused(word in "[$\\{\\}:#%/A'\"*?\\\\+-]{0,30}|.*") {
            let _ = expand(&word, '\\', lookup);
        }
    }
}
