//! Lines to statements: directives, comments, continued lines and here-documents.

use super::words::split_words;
use super::{Detail, DockerfileError, Instruction};

/// A Dockerfile as a list of statements.
#[derive(Debug)]
pub(super) struct Source {
    /// The value of `# syntax=`.
    pub(super) syntax: Option<String>,
    /// The value of `# escape=`, by default `\`.
    pub(super) escape: char,
    /// The statements in order.
    pub(super) statements: Vec<Statement>,
}

/// A keyword with its arguments, from one line or several.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// The keyword in capitals.
    pub(super) keyword: String,
    /// What follows, joined as BuildKit does: without anything between the lines.
    pub(super) arguments: String,
    /// The whole, its lines joined by single blanks.
    pub(super) text: String,
    /// The bodies of its here-documents, one after another.
    pub(super) here_documents: String,
    /// Its first line, from 1.
    pub(super) line: u32,
    /// Its last line.
    pub(super) end_line: u32,
    /// The column of the keyword, in characters from 1.
    pub(super) column: u32,
}

impl Statement {
    /// An error at the statement's keyword.
    pub(super) fn error(&self, message: impl Into<String>) -> DockerfileError {
        DockerfileError {
            line: self.line,
            column: self.column,
            message: message.into(),
        }
    }

    /// The instruction that the statement is.
    pub(super) fn instruction(&self, detail: Detail) -> Instruction {
        Instruction {
            keyword: self.keyword.clone(),
            text: self.text.clone(),
            line: self.line,
            end_line: self.end_line,
            detail,
        }
    }

    /// The statement that follows `ONBUILD`.
    pub(super) fn inner(&self) -> Self {
        let (keyword, arguments) = split_keyword(&self.arguments);
        let text = self.text.trim_start();
        let text = text.find(char::is_whitespace).map_or("", |at| &text[at..]);
        Self {
            keyword,
            arguments,
            text: text.trim_start().to_owned(),
            ..self.clone()
        }
    }
}

/// Splits a Dockerfile into statements.
pub(super) fn read_statements(text: &str) -> Result<Source, DockerfileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let (syntax, escape) = read_directives(&lines)?;
    let mut reader = Reader {
        lines: &lines,
        next: 0,
        escape,
    };
    let mut statements = Vec::new();
    while reader.next < lines.len() {
        statements.extend(reader.read_statement()?);
    }
    Ok(Source {
        syntax,
        escape,
        statements,
    })
}

/// Reads the directives: the comments `# name=value` before anything else, in any order.
fn read_directives(lines: &[&str]) -> Result<(Option<String>, char), DockerfileError> {
    let mut seen: Vec<(String, &str)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        // A shebang may come first, for Dockerfiles that are run as scripts.
        if index == 0 && line.starts_with("#!") {
            continue;
        }
        let Some((name, value)) = directive(line) else {
            break;
        };
        let error = |message| DockerfileError {
            line: number(index),
            column: 1,
            message,
        };
        if seen.iter().any(|(earlier, _)| *earlier == name) {
            return Err(error(format!("the directive `{name}` is given twice")));
        }
        if name == "escape" && !matches!(value, "\\" | "`") {
            return Err(error(format!(
                "the escape character must be `\\` or a backquote, but is `{value}`"
            )));
        }
        seen.push((name, value));
    }
    let value = |wanted: &str| {
        seen.iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, v)| *v)
    };
    let escape = value("escape").and_then(|value| value.chars().next());
    Ok((value("syntax").map(str::to_owned), escape.unwrap_or('\\')))
}

fn directive(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.trim().strip_prefix('#')?.split_once('=')?;
    let name = name.trim().to_ascii_lowercase();
    let value = value.trim();
    let is_known = matches!(name.as_str(), "syntax" | "escape" | "check");
    (is_known && !value.is_empty()).then_some((name, value))
}

struct Reader<'a> {
    lines: &'a [&'a str],
    /// The index of the line to read next.
    next: usize,
    escape: char,
}

impl Reader<'_> {
    fn read_statement(&mut self) -> Result<Option<Statement>, DockerfileError> {
        let start = self.next;
        let (joined, text) = self.read_continued_lines();
        if joined.trim().is_empty() {
            return Ok(None);
        }
        let first = self.lines[start];
        let indent = first.chars().take_while(|c| c.is_whitespace()).count();
        let (keyword, arguments) = split_keyword(&joined);
        let mut statement = Statement {
            keyword,
            arguments,
            text,
            here_documents: String::new(),
            line: number(start),
            end_line: number(self.next - 1),
            column: number(indent),
        };
        self.read_here_documents(&mut statement)?;
        Ok(Some(statement))
    }

    /// Reads a line and those that continue it; gives them joined by nothing and by blanks.
    fn read_continued_lines(&mut self) -> (String, String) {
        let (mut joined, mut text) = (String::new(), String::new());
        let mut is_first = true;
        while let Some(line) = self.lines.get(self.next) {
            self.next += 1;
            let content = line.trim_start();
            if content.starts_with('#') || (content.is_empty() && !is_first) {
                if is_first {
                    break;
                }
                continue;
            }
            let line = if is_first { content } else { line };
            is_first = false;
            let (part, continues) = self.trim_continuation(line);
            joined.push_str(part);
            if !text.is_empty() && !part.trim().is_empty() {
                text.push(' ');
            }
            text.push_str(part.trim());
            if !continues {
                break;
            }
        }
        (joined, text)
    }

    /// Takes off the escape character at a line's end, unless another one escapes it.
    fn trim_continuation<'l>(&self, line: &'l str) -> (&'l str, bool) {
        match line.trim_end_matches([' ', '\t']).strip_suffix(self.escape) {
            Some(rest) if !rest.ends_with(self.escape) => (rest, true),
            _ => (line, false),
        }
    }

    fn read_here_documents(&mut self, statement: &mut Statement) -> Result<(), DockerfileError> {
        let holder = match statement.keyword.as_str() {
            "ONBUILD" => &statement.inner(),
            _ => &*statement,
        };
        if !matches!(holder.keyword.as_str(), "ADD" | "COPY" | "RUN") {
            return Ok(());
        }
        for word in split_words(&holder.arguments, '\\') {
            let Some(marker) = here_document(&word) else {
                continue;
            };
            let body = self.read_here_document(&marker).ok_or_else(|| {
                let name = &marker.name;
                statement.error(format!("the here-document `{name}` has no end"))
            })?;
            statement.here_documents.push_str(&body);
        }
        statement.end_line = number(self.next - 1);
        Ok(())
    }

    fn read_here_document(&mut self, marker: &HereDocument) -> Option<String> {
        let mut body = String::new();
        while let Some(line) = self.lines.get(self.next) {
            self.next += 1;
            let line = if marker.strips_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line == marker.name {
                return Some(body);
            }
            body.push_str(line);
            body.push('\n');
        }
        None
    }
}

/// The start of a here-document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HereDocument {
    name: String,
    strips_tabs: bool,
}

/// The here-document that a word starts: `<<NAME`, `<<-NAME`, with quotes or a file descriptor.
pub(super) fn here_document(word: &str) -> Option<HereDocument> {
    let rest = word
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix("<<")?;
    let (rest, strips_tabs) = match rest.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    if rest.contains('<') {
        return None;
    }
    let name = super::expand(rest, '\\', |_| None).ok()?;
    (!name.is_empty()).then_some(HereDocument { name, strips_tabs })
}

fn split_keyword(text: &str) -> (String, String) {
    let text = text.trim();
    let (keyword, arguments) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (keyword.to_uppercase(), arguments.trim().to_owned())
}

/// The number of the line or column at `index`.
fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}
