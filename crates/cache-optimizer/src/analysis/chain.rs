//! The commands of a `RUN` as they stand in the file: each word and separator with its place, so that
//! patches can put something between them.
//!
//! Only what is a list of simple commands is read. All else (compound commands, subshells, comments,
//! here-documents, the exec form, another escape character) is refused, since no patch can join it.

mod scan;

use common::dockerfile::{Detail, Instruction};

use super::raw_lines::raw_lines;
use super::shell::{self, Command};
use crate::model::recipe::Recipe;

/// A list of simple commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The flags of the `RUN`, as written.
    pub(crate) flags: Vec<String>,
    /// The commands, in order. There is at least one.
    pub(crate) links: Vec<Link>,
}

/// One simple command, and what separates it from the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Link {
    /// Its words as written, redirections left out.
    pub(crate) words: Vec<Word>,
    /// Its redirections.
    pub(crate) redirections: Vec<Redirection>,
    /// What comes after it. `None` at the end.
    pub(crate) separator: Option<Separator>,
}

/// A word as written, with its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The text, its lines joined.
    pub(crate) text: String,
    /// Where it begins.
    pub(crate) spot: Spot,
}

/// A place in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The line, from 1.
    pub(crate) line: u32,
    /// Bytes from the line's start.
    pub(crate) offset: usize,
}

/// A redirection such as `> file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirection {
    /// The word that it is written onto, as in `a>b`. `None` when there is a blank, or a stream's number.
    pub(crate) onto: Option<Word>,
    /// The operator, such as `>`.
    pub(crate) operator: String,
    /// Where to or from.
    pub(crate) target: Word,
    /// Whether the target follows without a blank.
    pub(crate) is_attached: bool,
}

/// What separates two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
    /// `;`, which stands there.
    Semicolon(Spot),
}

/// Built-in commands of which the shell keeps something.
/// Source: POSIX.1-2024, Shell Command Language, section 2.15; and those of bash.
const CHANGES_SHELL: [&str; 17] = [
    ".", "alias", "cd", "declare", "eval", "exec", "exit", "export", "popd", "pushd", "readonly",
    "set", "shopt", "source", "trap", "umask", "unset",
];

impl Link {
    /// What it runs, each command after those that it substitutes.
    pub(crate) fn commands(&self) -> Vec<Command> {
        shell::commands(&self.text())
    }

    /// Its words, joined by blanks.
    pub(crate) fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}

impl Chain {
    /// Whether a command runs only when all before it succeeded, and fails the whole.
    pub(crate) fn is_plain(&self) -> bool {
        let mut separators = self.links.iter().filter_map(|link| link.separator);
        separators.all(|separator| separator == Separator::And)
    }

    /// Whether what comes after it in the same shell runs as it would in a shell of its own: nothing
    /// changes the folder, the variables or the options of the shell.
    pub(crate) fn leaves_shell_alone(&self) -> bool {
        self.links.iter().all(|link| {
            let commands = link.commands();
            let changes = |name: &str| CHANGES_SHELL.contains(&name);
            let last = commands.last();
            last.is_some_and(|command| !changes(&command.program))
        })
    }

    /// Where the first command begins.
    pub(crate) fn start(&self) -> Spot {
        let first = self.links.first().and_then(|link| link.words.first());
        first.map_or_else(Spot::default, |word| word.spot)
    }

    /// What it runs.
    pub(crate) fn commands(&self) -> Vec<Command> {
        self.links.iter().flat_map(Link::commands).collect()
    }
}

/// The commands of a `RUN`. `None` when it is no list of simple commands.
pub(crate) fn chain(recipe: &Recipe, at: &Instruction) -> Option<Chain> {
    let Detail::Run(run) = &at.detail else {
        return None;
    };
    if run.is_exec_form || recipe.dockerfile.escape != '\\' {
        return None;
    }
    scan::scan(&raw_lines(recipe, at)?, at.line)
}

#[cfg(test)]
mod tests;
