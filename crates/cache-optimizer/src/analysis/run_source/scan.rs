//! Reads a plain chain of commands, with the place of every command and word.

use std::ops::Range;

use super::Link;
use crate::analysis::shell;

/// Words with which a command is no simple one.
/// Source: POSIX.1-2024, Shell Command Language, section 2.4.
const COMPOUND: [&str; 9] = ["!", "{", "}", "if", "while", "until", "for", "case", "do"];

/// The chain in `text` after the flags that begin at `start`.
pub(super) fn chain(text: &str, start: usize, escape: char) -> Option<Vec<Link>> {
    let mut scan = Scan::new(text, start, escape);
    scan.read()?;
    Some(scan.links)
}

/// The flags in `text` that begin at `start`.
pub(super) fn flags(text: &str, start: usize, escape: char) -> Vec<Range<usize>> {
    let mut scan = Scan::new(text, start, escape);
    let mut flags = Vec::new();
    loop {
        scan.skip_blanks();
        let start = scan.at;
        if !text[start..].starts_with("--") || scan.read_word().is_none() {
            return flags;
        }
        flags.push(start..scan.at);
    }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    escape: char,
    links: Vec<Link>,
    words: Vec<Range<usize>>,
    has_redirection: bool,
    /// Whether the flags are behind.
    is_body: bool,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, start: usize, escape: char) -> Self {
        Self {
            text,
            at: start,
            escape,
            links: Vec::new(),
            words: Vec::new(),
            has_redirection: false,
            is_body: false,
        }
    }

    fn read(&mut self) -> Option<()> {
        loop {
            self.skip_blanks();
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return self.end_link();
            }
            if rest.starts_with("&&") {
                self.at += 2;
                self.end_link()?;
                continue;
            }
            let start = self.at;
            if rest.starts_with(['#', '[']) && !self.is_body {
                return None;
            }
            self.read_word()?;
            let word = &self.text[start..self.at];
            self.is_body |= !word.starts_with("--");
            if self.is_body {
                self.words.push(start..self.at);
            }
        }
    }

    /// Skips blanks, continued line ends, and the comments and empty lines after them.
    fn skip_blanks(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            self.at += blanks;
            let Some(length) = self.continuation() else {
                return;
            };
            self.at += length;
            while let Some(line) = self.text[self.at..].split('\n').next() {
                let content = line.trim();
                let is_left_out = content.is_empty() || content.starts_with('#');
                if !is_left_out || self.at + line.len() >= self.text.len() {
                    break;
                }
                self.at += line.len() + 1;
            }
        }
    }

    /// The bytes of the escape character and the line end here, if a line is continued.
    fn continuation(&self) -> Option<usize> {
        let rest = self.text[self.at..].strip_prefix(self.escape)?;
        let line_end = rest.find('\n')?;
        let is_blank = rest[..line_end].trim().is_empty();
        is_blank.then_some(self.escape.len_utf8() + line_end + 1)
    }

    fn read_word(&mut self) -> Option<()> {
        while let Some(c) = self.text[self.at..].chars().next() {
            if self.continuation().is_some() {
                return Some(());
            }
            match c {
                ' ' | '\t' => return Some(()),
                '&' if self.text[self.at..].starts_with("&&") => return Some(()),
                '&' if self.has_redirection && self.text[..self.at].ends_with(['>', '<']) => {}
                '\n' | ';' | '|' | '&' | '(' | ')' | '`' => return None,
                '#' if self.words.is_empty() => return None,
                '<' | '>' => self.has_redirection = true,
                '\'' | '"' => {
                    self.read_quoted(c)?;
                    continue;
                }
                '\\' => {
                    self.at += 1;
                    self.text[self.at..].chars().next().filter(|c| *c != '\n')?;
                }
                _ => {}
            }
            self.at += self.text[self.at..].chars().next()?.len_utf8();
        }
        Some(())
    }

    /// Reads to the end of quotes. Those that hold a substitution or a line end are not plain.
    fn read_quoted(&mut self, quote: char) -> Option<()> {
        let start = self.at + 1;
        let mut is_escaped = false;
        for (offset, c) in self.text[start..].char_indices() {
            let holds_substitution =
                quote == '"' && (c == '`' || self.text[start + offset..].starts_with("$("));
            if c == '\n' || holds_substitution && !is_escaped {
                return None;
            }
            if c == quote && !is_escaped {
                self.at = start + offset + 1;
                return Some(());
            }
            is_escaped = quote == '"' && c == '\\' && !is_escaped;
        }
        None
    }

    fn end_link(&mut self) -> Option<()> {
        let words = std::mem::take(&mut self.words);
        let has_redirection = std::mem::take(&mut self.has_redirection);
        let range = words.first()?.start..words.last()?.end;
        let texts: Vec<&str> = words.iter().map(|word| &self.text[word.clone()]).collect();
        if COMPOUND.contains(&texts[0]) || texts.iter().any(|text| text.starts_with('#')) {
            return None;
        }
        // One command, since nothing above separates two.
        let command = shell::commands(&texts.join(" ")).pop()?;
        let first = words.len().checked_sub(command.arguments.len());
        let arguments = first.filter(|_| !has_redirection);
        self.links.push(Link {
            range,
            arguments: arguments.map(|first| words[first..].to_vec()),
            command,
        });
        Some(())
    }
}
