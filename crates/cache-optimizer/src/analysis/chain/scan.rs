//! Splits the lines of a `RUN` into words, redirections and separators.

use super::{Chain, Link, Redirection, Separator, Spot, Word};

/// Words with which a compound command begins or goes on.
/// Source: POSIX.1-2024, Shell Command Language, section 2.4.
const RESERVED_WORDS: [&str; 17] = [
    "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if",
    "select", "then", "until", "while",
];

/// Reads the lines of a `RUN`, the first of which is `line`.
pub(super) fn scan(lines: &[&str], line: u32) -> Option<Chain> {
    let mut scanner = Scanner {
        chars: joined(lines, line),
        next: 0,
        links: Vec::new(),
        link: Link::default(),
        redirection: None,
    };
    scanner.skip_blanks();
    scanner.word()?;
    let flags = scanner.flags()?;
    while scanner.next < scanner.chars.len() {
        scanner.read()?;
    }
    if scanner.redirection.is_some() {
        return None;
    }
    scanner.end_link(None)?;
    (!scanner.links.is_empty()).then_some(Chain {
        flags,
        links: scanner.links,
    })
}

/// The characters of continued lines with their places, comments and blank lines left out.
fn joined(lines: &[&str], first_line: u32) -> Vec<(char, Spot)> {
    let mut chars = Vec::new();
    for (line, text) in (first_line..).zip(lines) {
        let content = text.trim_start();
        if line > first_line && (content.is_empty() || content.starts_with('#')) {
            continue;
        }
        let trimmed = text.trim_end_matches([' ', '\t']);
        let part = match trimmed.strip_suffix('\\') {
            Some(rest) if !rest.ends_with('\\') => rest,
            _ => text,
        };
        let spot = |offset| Spot { line, offset };
        chars.extend(part.char_indices().map(|(offset, c)| (c, spot(offset))));
    }
    chars
}

struct Scanner {
    chars: Vec<(char, Spot)>,
    next: usize,
    links: Vec<Link>,
    link: Link,
    /// A redirection whose target comes next: what it is written onto, and its operator.
    redirection: Option<(Option<Word>, String)>,
}

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.next).map(|(c, _)| *c)
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.next += 1;
        Some(c)
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next += 1;
        }
    }

    fn flags(&mut self) -> Option<Vec<String>> {
        let mut flags = Vec::new();
        self.skip_blanks();
        while self.peek() == Some('-') {
            flags.push(self.word()?.text);
            self.skip_blanks();
        }
        Some(flags)
    }

    fn read(&mut self) -> Option<()> {
        let c = self.peek()?;
        if c.is_whitespace() {
            self.skip_blanks();
            return Some(());
        }
        // What a redirection needs is a word.
        if self.redirection.is_some() && matches!(c, ';' | '&' | '|' | '<' | '>') {
            return None;
        }
        match c {
            '#' | '(' | ')' => None,
            ';' => {
                let spot = self.chars[self.next].1;
                self.next += 1;
                self.end_link(Some(Separator::Semicolon(spot)))
            }
            '&' | '|' => self.read_separator(c),
            '<' | '>' => self.read_redirection(None),
            _ => self.read_word(),
        }
    }

    fn read_separator(&mut self, c: char) -> Option<()> {
        self.next += 1;
        match (c, self.peek() == Some(c)) {
            ('&', true) => {
                self.next += 1;
                self.end_link(Some(Separator::And))
            }
            ('&', false) => None,
            (_, true) => {
                self.next += 1;
                self.end_link(Some(Separator::Or))
            }
            (_, false) => self.end_link(Some(Separator::Pipe)),
        }
    }

    fn read_word(&mut self) -> Option<()> {
        let starts_at = self.next;
        let word = self.word()?;
        if let Some((onto, operator)) = self.redirection.take() {
            let before = starts_at.checked_sub(1).map(|at| self.chars[at].0);
            self.link.redirections.push(Redirection {
                onto,
                operator,
                target: word,
                is_attached: before.is_some_and(|c| !c.is_whitespace()),
            });
            return Some(());
        }
        if matches!(self.peek(), Some('<' | '>')) {
            // A number before it names a stream.
            let is_stream = word.text.chars().all(|c| c.is_ascii_digit());
            if !is_stream {
                self.link.words.push(word.clone());
            }
            return self.read_redirection((!is_stream).then_some(word));
        }
        if self.link.words.is_empty() && RESERVED_WORDS.contains(&word.text.as_str()) {
            return None;
        }
        self.link.words.push(word);
        Some(())
    }

    fn read_redirection(&mut self, onto: Option<Word>) -> Option<()> {
        let mut operator = String::new();
        while let Some(c @ ('<' | '>' | '&' | '|')) = self.peek() {
            operator.push(c);
            self.next += 1;
        }
        // A here-document, a here-string or a process has more to it.
        let is_known = matches!(operator.as_str(), "<" | ">" | ">>" | ">&" | "<&" | ">|");
        self.redirection = Some((onto, operator));
        is_known.then_some(())
    }

    /// Reads up to the end of a word.
    fn word(&mut self) -> Option<Word> {
        let spot = self.chars.get(self.next)?.1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            match c {
                ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                c if c.is_whitespace() => break,
                _ => {}
            }
            self.next += 1;
            text.push(c);
            match c {
                '\\' => text.push(self.take()?),
                '\'' | '`' => self.push_until(&mut text, c)?,
                '"' => self.push_quoted(&mut text)?,
                '$' => self.push_substitution(&mut text)?,
                _ => {}
            }
        }
        Some(Word { text, spot })
    }

    fn push_until(&mut self, text: &mut String, end: char) -> Option<()> {
        loop {
            let c = self.take()?;
            text.push(c);
            if c == end {
                return Some(());
            }
        }
    }

    fn push_quoted(&mut self, text: &mut String) -> Option<()> {
        loop {
            let c = self.take()?;
            text.push(c);
            match c {
                '"' => return Some(()),
                '\\' => text.push(self.take()?),
                '$' => self.push_substitution(text)?,
                _ => {}
            }
        }
    }

    /// Takes `(…)` and `{…}` after a `$` as one.
    fn push_substitution(&mut self, text: &mut String) -> Option<()> {
        let (open, close) = match self.peek() {
            Some('(') => ('(', ')'),
            Some('{') => ('{', '}'),
            _ => return Some(()),
        };
        let mut depth = 0_u32;
        loop {
            let c = self.take()?;
            text.push(c);
            match c {
                '\\' => text.push(self.take()?),
                '\'' => self.push_until(text, c)?,
                '"' => self.push_quoted(text)?,
                c if c == open => depth += 1,
                c if c == close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Ends a command. Nothing may stand between separators; at the end a last one may.
    fn end_link(&mut self, separator: Option<Separator>) -> Option<()> {
        let mut link = std::mem::take(&mut self.link);
        if link.words.is_empty() {
            let is_end = separator.is_none() && link.redirections.is_empty();
            return is_end.then_some(());
        }
        link.separator = separator;
        self.links.push(link);
        Some(())
    }
}
