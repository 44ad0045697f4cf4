//! `.dockerignore` files, with the semantics of moby's own matcher.
//!
//! Source: <https://docs.docker.com/build/concepts/context/#syntax> and, for what that page leaves
//! open, github.com/moby/patternmatcher: a pattern is turned into a regular expression, and holds
//! for a path when it matches the path or any folder above it; the last pattern that holds decides.

use regex::{RegexSet, RegexSetBuilder};
use std::io;
use std::path::{Path, PathBuf};

use super::pattern::expression;

/// Why an ignore file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IgnoreError {
    /// It cannot be read.
    #[error("failed to read the ignore file: {0}")]
    Read(#[from] io::Error),
    /// A line is not a pattern.
    #[error("`{path}` line {line}: `{pattern}` is not a pattern")]
    Pattern {
        /// The ignore file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the line says.
        pattern: String,
    },
}

/// The patterns of an ignore file. The default ignores nothing.
#[derive(Clone, Debug, Default)]
pub struct IgnoreFile {
    patterns: Vec<Pattern>,
    matchers: RegexSet,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    is_exception: bool,
}

/// Which patterns hold for a path, by index.
#[derive(Clone, Debug)]
pub struct Matches(Vec<bool>);

impl IgnoreFile {
    /// Reads an ignore file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or a line of it is no pattern.
    pub fn read(path: &Path) -> Result<Self, IgnoreError> {
        let text = fs_err::read_to_string(path)?;
        Self::parse(&text).map_err(|(line, pattern)| IgnoreError::Pattern {
            path: path.to_owned(),
            line,
            pattern,
        })
    }

    /// Parses the text of an ignore file.
    ///
    /// # Errors
    ///
    /// The number, from 1, and the text of the line that is no pattern.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut patterns = Vec::new();
        let mut expressions = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            let fault = || (index + 1, line.to_owned());
            let Some(pattern) = pattern(line).map_err(|NoPattern| fault())? else {
                continue;
            };
            expressions.push(expression(&pattern.text).ok_or_else(fault)?);
            patterns.push(pattern);
        }
        let matchers = RegexSetBuilder::new(expressions)
            .size_limit(usize::MAX)
            .build()
            .expect("each of the expressions is well-formed");
        Ok(Self { patterns, matchers })
    }

    /// What holds for the context folder itself: nothing.
    pub fn root(&self) -> Matches {
        Matches(vec![false; self.patterns.len()])
    }

    /// Which patterns hold for a path whose folder is `parent`.
    pub fn matches(&self, path: &str, parent: &Matches) -> Matches {
        let mut matches = parent.clone();
        for index in self.matchers.matches(path) {
            matches.0[index] = true;
        }
        matches
    }

    /// Whether a path for which these patterns hold is left out.
    pub fn ignores(&self, matches: &Matches) -> bool {
        let last = matches.0.iter().rposition(|&holds| holds);
        last.is_some_and(|index| !self.patterns[index].is_exception)
    }

    /// Whether a path is left out, asked without a walk: its folders are asked one after another.
    pub fn ignores_path(&self, path: &str) -> bool {
        let mut matches = self.root();
        for (end, _) in path.match_indices('/') {
            matches = self.matches(&path[..end], &matches);
        }
        self.ignores(&self.matches(path, &matches))
    }

    /// Whether something below an ignored folder may be excepted, so that it has to be read.
    pub fn may_except_below(&self, path: &str, matches: &Matches) -> bool {
        // An exception that holds for the folder already lost to a later pattern.
        let open = self.patterns.iter().zip(&matches.0);
        open.filter(|(pattern, holds)| pattern.is_exception && !**holds)
            .any(|(pattern, _)| may_match_below(&pattern.text, path))
    }
}

struct NoPattern;

/// Reads a line. `None` is a blank line or a comment.
fn pattern(line: &str) -> Result<Option<Pattern>, NoPattern> {
    if line.starts_with('#') {
        return Ok(None);
    }
    let line = line.trim();
    let (line, is_exception) = match line.strip_prefix('!') {
        Some(rest) => (rest.trim(), true),
        None => (line, false),
    };
    match (line, is_exception) {
        ("", true) => Err(NoPattern),
        ("", false) => Ok(None),
        _ => Ok(Some(Pattern {
            text: clean(line),
            is_exception,
        })),
    }
}

/// Takes `.`, `..` and needless slashes out of a pattern, also the first slash.
fn clean(pattern: &str) -> String {
    let mut parts = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if !matches!(parts.last(), None | Some(&"..")) => {
                parts.pop();
            }
            ".." if pattern.starts_with('/') => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a pattern can match something below a folder, going by its parts before the first
/// wildcard.
fn may_match_below(pattern: &str, folder: &str) -> bool {
    let mut folder_parts = folder.split('/');
    for part in pattern.split('/') {
        match folder_parts.next() {
            None => return true,
            Some(_) if part.contains(['*', '?', '[', '\\']) => return true,
            Some(folder_part) if folder_part != part => return false,
            Some(_) => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether an ignore file ignores a path, asked folder by folder as a walk does.
    fn ignores(file: &str, path: &str) -> bool {
        IgnoreFile::parse(file).unwrap().ignores_path(path)
    }

    #[test]
    fn the_documented_cases_hold() {
        let cases = [
            // (ignore file, path, whether it is ignored)
            ("# comment\n*/temp*", "somedir/temporary.txt", true),
            ("*/temp*", "somedir/temp", true),
            ("*/temp*", "temp", false),
            ("*/*/temp*", "somedir/subdir/temporary.txt", true),
            ("temp?", "tempa", true),
            ("temp?", "temp", false),
            ("temp?", "tempab", false),
            ("/foo/bar", "foo/bar", true),
            ("foo/bar/", "foo/bar", true),
            ("/foo/", "foo/deep/file", true),
            ("foo", "sub/foo", false),
            ("./foo", "foo", true),
            ("a/../foo", "foo", true),
            ("  foo  ", "foo", true),
            ("**/*.go", "main.go", true),
            ("**/*.go", "a/b/main.go", true),
            ("**", "a/b", true),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a**", "abc/d", true),
            ("foo/**", "foo", false),
            ("foo/**", "foo/bar", true),
            ("*.md\n!README.md", "README.md", false),
            ("*.md\n!README.md", "docs.md", true),
            (
                "*.md\n!README*.md\nREADME-secret.md",
                "README-secret.md",
                true,
            ),
            (
                "*.md\nREADME-secret.md\n!README*.md",
                "README-secret.md",
                false,
            ),
            ("dir\n!dir/keep", "dir/keep", false),
            ("dir\n!dir/keep", "dir/other", true),
            ("!dir/keep\ndir", "dir/keep", true),
            ("*\n!src", "src/main.rs", false),
            ("[a-c].txt", "b.txt", true),
            ("[^a-c].txt", "b.txt", false),
            ("[^a-c].txt", "d.txt", true),
            ("[.&]x", "&x", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a.b", "axb", false),
            ("a+(b)", "a+(b)", true),
            ("\u{feff}foo", "foo", true),
            ("! foo\nfoo", "foo", true),
            (" # not a comment", "# not a comment", true),
            (".", "a", false),
            ("/", "a", false),
            ("foo\r\nbar\r\n", "foo", true),
            ("node_modules", "web/node_modules/a", false),
            ("**/node_modules", "web/node_modules/a", true),
        ];
        for (file, path, expected) in cases {
            assert_eq!(ignores(file, path), expected, "{file:?} on {path}");
        }
    }

    #[test]
    fn a_malformed_line_is_named() {
        for (file, line) in [("ok\n[a", 2), ("!", 1), ("a\\", 1), ("\n\n! \n", 3)] {
            assert_eq!(IgnoreFile::parse(file).unwrap_err().0, line, "{file:?}");
        }
    }

    #[test]
    fn an_ignored_folder_is_read_only_when_an_exception_may_be_in_it() {
        let cases = [
            ("a\n!a/b", "a", true),
            ("a\n!b/c", "a", false),
            ("*\n!**/keep", "a", true),
            ("*\n!a/*/keep", "b", false),
            ("a\n!a", "a", false),
            ("!a\na", "a", false),
        ];
        for (text, path, expected) in cases {
            let file = IgnoreFile::parse(text).unwrap();
            let matches = file.matches(path, &file.root());
            assert_eq!(file.may_except_below(path, &matches), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_ignore_file_or_an_error(text in ".*", path in "[a-z]{1,3}(/[a-z]{1,3})*") {
            if let Ok(file) = IgnoreFile::parse(&text) {
                file.ignores(&file.matches(&path, &file.root()));
            }
        }
    }
}
