//! A `RUN` as it stands in the file, so that a flag, a word or a command of it can change while all
//! the rest stays byte for byte.
//!
//! Commands are told apart only where they are a plain chain, `a && b && c`: there each can go without
//! a change for the others. Anything else, such as `;`, a pipe or an `if`, is no chain here.

mod scan;

use common::dockerfile::Instruction;
use std::ops::Range;

use super::shell::Command;
use crate::model::edit::{Edit, EditedFile};

/// A `RUN` as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunSource {
    /// Its lines, joined by line breaks.
    text: String,
    /// The first line, from 1.
    line: u32,
    /// How many lines it has.
    line_count: u32,
    /// The blanks before the keyword.
    indent: String,
    /// Where the keyword ends.
    keyword_end: usize,
    /// The character that continues a line.
    escape: char,
}

/// One command of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// The command.
    pub(crate) command: Command,
    /// Where it stands.
    range: Range<usize>,
    /// Where its arguments stand. `None` when it has redirections or is called through a program such
    /// as `env` in a way that leaves them unclear.
    arguments: Option<Vec<Range<usize>>>,
}

/// A change within a `RUN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    range: Range<usize>,
    with: String,
}

impl RunSource {
    /// The lines of an instruction. `None` when they do not begin with its keyword, as in a file that
    /// holds a Dockerfile in a quoted form.
    pub(crate) fn new(text: &str, instruction: &Instruction, escape: char) -> Option<Self> {
        let line_count = instruction.end_line - instruction.line + 1;
        let lines = text.lines().skip(instruction.line as usize - 1);
        let lines: Vec<&str> = lines.take(line_count as usize).collect();
        let text = lines.join("\n");
        let start = text.find(|c: char| !c.is_whitespace())?;
        let keyword_end = start + instruction.keyword.len();
        let keyword = text.get(start..keyword_end)?;
        keyword
            .eq_ignore_ascii_case(&instruction.keyword)
            .then_some(())?;
        Some(Self {
            indent: text[..start].to_owned(),
            text,
            line: instruction.line,
            line_count,
            keyword_end,
            escape,
        })
    }

    /// The commands, when they are a plain chain.
    pub(crate) fn chain(&self) -> Option<Vec<Link>> {
        scan::chain(&self.text, self.keyword_end, self.escape)
    }

    /// Puts flags before all others: one on the first line, several on lines of their own.
    pub(crate) fn insert_flags(&self, flags: &[String]) -> Change {
        let rest = &self.text[self.keyword_end..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let begins_with_continuation = rest.trim_start().starts_with(self.escape);
        let next = format!(" {}\n{}    ", self.escape, self.indent);
        let mut with = format!(" {}", flags.join(&next));
        let end = if begins_with_continuation {
            self.keyword_end
        } else {
            with.push_str(if flags.len() == 1 { " " } else { &next });
            self.keyword_end + blanks
        };
        Change {
            range: self.keyword_end..end,
            with,
        }
    }

    /// Puts options after those of a `--mount`, by its number among the mounts.
    pub(crate) fn append_to_mount(&self, index: usize, options: &str) -> Option<Change> {
        let end = self.mounts().get(index)?.end;
        Some(Change {
            range: end..end,
            with: options.to_owned(),
        })
    }

    /// Puts another target in the place of one that a `--mount` has, as written.
    pub(crate) fn replace_target(&self, index: usize, before: &str, with: &str) -> Option<Change> {
        let mount = self.mounts().get(index)?.clone();
        let names = ["target", "dst", "destination"].into_iter();
        let mut starts = names.filter_map(|name| {
            let option = format!(",{name}={before}");
            let at = self.text[mount.clone()].find(&option)? + mount.start;
            let end = at + option.len();
            let is_whole = end == mount.end || self.text[end..].starts_with(',');
            is_whole.then_some(end - before.len()..end)
        });
        let range = starts.next()?;
        let with = with.to_owned();
        Some(Change { range, with })
    }

    /// Where the `--mount`s stand.
    fn mounts(&self) -> Vec<Range<usize>> {
        let mut flags = scan::flags(&self.text, self.keyword_end, self.escape);
        flags.retain(|flag| self.text[flag.clone()].starts_with("--mount="));
        flags
    }

    /// Takes a command out of a chain of at least two, which `links` are.
    pub(crate) fn remove_link(&self, links: &[Link], index: usize) -> Option<Change> {
        let here = &links.get(index)?.range;
        let before = index.checked_sub(1).map(|before| links[before].range.end);
        let after = links.get(index + 1).map(|link| link.range.start);
        let (range, with) = match (before, after) {
            (Some(before), None) => (before..here.end, self.comments(before..here.start)),
            (Some(before), Some(_)) if self.comments(before..here.start).is_empty() => {
                (before..here.end, String::new())
            }
            (_, Some(after)) => (here.start..after, String::new()),
            (None, None) => return None,
        };
        Some(Change { range, with })
    }

    /// Takes an argument out of a command. `None` when a comment stands before it.
    pub(crate) fn remove_argument(link: &Link, index: usize, source: &Self) -> Option<Change> {
        let arguments = link.arguments.as_ref()?;
        let here = arguments.get(index)?;
        let before = match index.checked_sub(1) {
            Some(before) => arguments[before].end,
            None => source.text[..here.start]
                .trim_end_matches(|c: char| c.is_whitespace() || c == source.escape)
                .len(),
        };
        let is_plain = source.comments(before..here.start).is_empty();
        is_plain.then(|| Change {
            range: before..here.end,
            with: String::new(),
        })
    }

    /// Puts another argument in the place of one.
    pub(crate) fn replace_argument(link: &Link, index: usize, with: &str) -> Option<Change> {
        let range = link.arguments.as_ref()?.get(index)?.clone();
        let with = with.to_owned();
        Some(Change { range, with })
    }

    /// Puts commands before the first one of a chain.
    pub(crate) fn prepend(links: &[Link], commands: &str) -> Option<Change> {
        let start = links.first()?.range.start;
        Some(Change {
            range: start..start,
            with: format!("{commands} && "),
        })
    }

    /// The edit that makes these changes. `None` when two of them touch the same text.
    pub(crate) fn edit(&self, mut changes: Vec<Change>) -> Option<Edit> {
        changes.sort_by_key(|change| (change.range.start, change.range.end));
        let mut text = String::with_capacity(self.text.len());
        let mut next = 0;
        for change in changes {
            text.push_str(self.text.get(next..change.range.start)?);
            text.push_str(&change.with);
            next = change.range.end;
        }
        text.push_str(&self.text[next..]);
        Some(Edit {
            file: EditedFile::Dockerfile,
            line: self.line,
            removed_count: self.line_count,
            lines: text.split('\n').map(str::to_owned).collect(),
        })
    }

    /// The lines in a range that are comments, each with a line break before it.
    fn comments(&self, range: Range<usize>) -> String {
        let lines = self.text[range].split('\n').skip(1);
        let is_comment = |line: &&str| line.trim_start().starts_with('#');
        let comments: Vec<&str> = lines
            .filter(is_comment)
            .flat_map(|line| {
                [
                    "
", line,
                ]
            })
            .collect();
        comments.concat()
    }
}

#[cfg(test)]
mod tests;
