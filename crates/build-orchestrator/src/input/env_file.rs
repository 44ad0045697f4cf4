//! Env files: `NAME=VALUE` lines, as compose reads them.
//!
//! Not the crate `dotenvy`: 0.15.7 refuses values with blanks that have no quotes, which compose
//! takes, and its errors have no line.
//! Source: <https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax>

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::interpolate::interpolate;

/// Why an env file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnvFileError {
    /// It cannot be read; the error names it.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// A line is malformed.
    #[error("{path}:{line}: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

/// Reads an env file. Later lines win, and may use the variables of earlier ones and of `earlier`
/// files. What `winning` has, usually the environment, wins over all of them.
///
/// # Errors
///
/// The file cannot be read, or a line is malformed.
pub(crate) fn read_env_file(
    path: &Path,
    earlier: &BTreeMap<String, String>,
    winning: &dyn Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, EnvFileError> {
    let text = fs_err::read_to_string(path)?;
    parse(&text, earlier, winning).map_err(|(line, message)| EnvFileError::Malformed {
        path: path.to_owned(),
        line,
        message,
    })
}

/// Parses the text of an env file. The error is a line and what is wrong with it.
fn parse(
    text: &str,
    earlier: &BTreeMap<String, String>,
    winning: &dyn Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, (usize, String)> {
    let mut variables = BTreeMap::new();
    let mut lines = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .lines()
        .enumerate();
    while let Some((index, line)) = lines.next() {
        let fault = |message: String| (index + 1, message);
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = match line.split_once(['=', ':']) {
            Some((name, value)) => (name.trim(), Some(value)),
            None => (line.trim(), None),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(fault(format!("`{name}` cannot name a variable")));
        }
        // A name alone says that the environment has it, which is asked anyway.
        let Some(value) = value else { continue };
        let mut value = value.trim_start().to_owned();
        while is_open(&value) {
            let (_, more) = lines
                .next()
                .ok_or_else(|| fault("the quote is not closed".to_owned()))?;
            value = format!("{value}\n{more}");
        }
        let own = |name: &str| variables.get(name).or_else(|| earlier.get(name)).cloned();
        let lookup = |name: &str| winning(name).or_else(|| own(name));
        // A line that is not needed cannot lack a variable.
        let value = match winning(name) {
            Some(value) => value,
            None => meaning(&value, &lookup).map_err(fault)?,
        };
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

/// Whether a value starts with a quote that is not closed.
fn is_open(value: &str) -> bool {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    quote.is_some_and(|quote| closing_quote(&value[1..], quote).is_none())
}

/// The position of the quote that closes the one before the text. A backslash keeps the next
/// character from doing so, within double quotes.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (position, c) in text.char_indices() {
        match c {
            c if c == quote && !is_escaped => return Some(position),
            '\\' if quote == '"' && !is_escaped => is_escaped = true,
            _ => is_escaped = false,
        }
    }
    None
}

/// What a value stands for: quotes, escapes and comments taken off, variables put in.
fn meaning(value: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let put_in = |text: &str| interpolate(text, lookup).map(|done| done.text);
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = &value[1..];
            let end = closing_quote(inner, quote).unwrap_or(inner.len());
            let rest = inner.get(end + 1..).unwrap_or_default().trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(format!("`{rest}` follows the closing quote"));
            }
            if quote == '"' {
                put_in(&unescape(&inner[..end]))
            } else {
                Ok(inner[..end].to_owned())
            }
        }
        Some('#') | None => Ok(String::new()),
        Some(_) => {
            let comment = value.find(" #").unwrap_or(value.len());
            put_in(value[..comment].trim_end())
        }
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (c, false) => plain.push(c),
            (_, true) => match characters.next() {
                Some('n') => plain.push('\n'),
                Some('r') => plain.push('\r'),
                Some('t') => plain.push('\t'),
                Some('$') => plain.push_str("$$"),
                Some(c @ ('"' | '\\')) => plain.push(c),
                Some(c) => plain.extend(['\\', c]),
                None => plain.push('\\'),
            },
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn environment(name: &str) -> Option<String> {
        (name == "HOME_DIR").then(|| "/home/me".to_owned())
    }

    fn parse(
        text: &str,
        winning: &dyn Fn(&str) -> Option<String>,
    ) -> Result<BTreeMap<String, String>, (usize, String)> {
        let earlier = BTreeMap::from([("EARLIER".to_owned(), "earlier".to_owned())]);
        super::parse(text, &earlier, winning)
    }

    fn value(line: &str) -> String {
        parse(&format!("A=first\n{line}\n"), &environment).unwrap()["X"].clone()
    }

    #[test]
    fn values_are_read_as_compose_reads_them() {
        let cases = [
            ("X=1", "1"),
            ("export X=1", "1"),
            ("X = a b ", "a b"),
            ("X=a # comment", "a"),
            ("X=a#b", "a#b"),
            ("X=# comment", ""),
            ("X=", ""),
            ("X='$A \\n' # c", "$A \\n"),
            ("X=\"a\\tb \\\"c\\\" \\$A $A\"", "a\tb \"c\" $A first"),
            ("X=${A}/${HOME_DIR}/${NO:-none}", "first//home/me/none"),
            ("X=a=b", "a=b"),
            ("X: a:b", "a:b"),
            ("X=$EARLIER", "earlier"),
            ("EARLIER=now\nX=$EARLIER", "now"),
            ("X=\"two\nlines\"", "two\nlines"),
        ];
        for (line, expected) in cases {
            assert_eq!(value(line), expected, "{line}");
        }
    }

    #[test]
    fn the_environment_wins_also_within_the_file() {
        // docker/compose#12989: a required variable that the environment has is there.
        let text = "HOME_DIR=${MISSING:?}\nX=${HOME_DIR:?}/x\n";
        let read = parse(text, &environment).unwrap();
        assert_eq!(
            (read["HOME_DIR"].as_str(), read["X"].as_str()),
            ("/home/me", "/home/me/x")
        );
    }

    #[test]
    fn comments_blank_lines_and_bare_names_are_passed_over() {
        let read = parse("\u{feff}# c\n\n  # d\nBARE\nX=1\r\nX=2\r\n", &environment).unwrap();
        assert_eq!(read, BTreeMap::from([("X".to_owned(), "2".to_owned())]));
    }

    #[test]
    fn a_malformed_line_is_named() {
        let cases = [
            ("A=1\n=2\n", 2, "`` cannot name a variable"),
            ("A B=1\n", 1, "`A B` cannot name a variable"),
            ("not a line\n", 1, "`not a line` cannot name a variable"),
            ("\nA=\"open\nB=1\n", 2, "the quote is not closed"),
            ("A='x' y\n", 1, "`y` follows the closing quote"),
            ("A=${B:?set it}\n", 1, "`B` has to be set: set it"),
        ];
        for (text, line, message) in cases {
            let expected = (line, message.to_owned());
            assert_eq!(parse(text, &environment).unwrap_err(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[A=\"'\\\\${}# \né]{0,60}") {
            let _ = parse(&text, &environment);
        }
    }
}
