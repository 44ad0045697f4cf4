//! The commands of a shell script, as words; enough to tell what a `RUN` runs, and no more.
//!
//! Knows quotes, substitutions, subshells, redirections and comments. Expands nothing, and reads
//! reserved words such as `then` as what they are: not part of the command that follows.

pub(crate) mod chain;

use std::iter::Peekable;
use std::str::Chars;

/// One simple command: its program, and the arguments after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// The last part of the program's path, such as `npm` or `gradlew`.
    pub(crate) program: String,
    /// The arguments, without quotes; a substitution reads `$()`.
    pub(crate) arguments: Vec<String>,
}

impl Command {
    /// Leaves out what stands before the program: reserved words, variables, and programs that run
    /// another one, with their flags.
    fn from_words(words: Vec<String>) -> Option<Self> {
        let mut words = words.into_iter().peekable();
        let mut is_wrapped = false;
        while let Some(word) = words.peek() {
            let is_flag_of_wrapper = is_wrapped && word.starts_with('-');
            if !is_before_program(word) && !is_flag_of_wrapper {
                break;
            }
            is_wrapped |= WRAPPERS.contains(&word.as_str());
            words.next();
        }
        let path = words.next()?;
        let program = path.rsplit('/').next().unwrap_or(&path).to_owned();
        Some(Self {
            program,
            arguments: words.collect(),
        })
    }
}

/// Programs whose first argument is the program that they run.
const WRAPPERS: [&str; 7] = ["command", "corepack", "env", "exec", "nice", "sudo", "time"];

/// Words after which the shell expects a command, or that end a compound one.
/// Source: POSIX.1-2024, Shell Command Language, section 2.4.
const RESERVED_WORDS: [&str; 12] = [
    "!", "{", "}", "if", "then", "elif", "else", "fi", "while", "until", "do", "done",
];

fn is_before_program(word: &str) -> bool {
    RESERVED_WORDS.contains(&word) || WRAPPERS.contains(&word) || is_assignment(word)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The simple commands of a script, each after those that it substitutes.
pub(crate) fn commands(script: &str) -> Vec<Command> {
    let mut reader = Reader {
        chars: script.chars().peekable(),
        context: Context::default(),
        outer: Vec::new(),
        commands: Vec::new(),
    };
    while let Some(c) = reader.chars.next() {
        reader.read(c);
    }
    while let Some(context) = reader.outer.pop() {
        reader.end_command();
        reader.context = context;
    }
    reader.end_command();
    reader.commands
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    context: Context,
    /// The commands around the one that is read, the innermost last.
    outer: Vec<Context>,
    commands: Vec<Command>,
}

/// A command that has begun.
#[derive(Default)]
struct Context {
    words: Vec<String>,
    /// The word that has begun. An empty text is a word too, when it was quoted.
    word: Option<String>,
    is_quoted: bool,
    is_in_backticks: bool,
    /// Whether the next word is where a redirection goes to or comes from.
    is_redirected: bool,
}

impl Reader<'_> {
    fn read(&mut self, c: char) {
        match c {
            '\\' => self.read_escaped(),
            '"' => {
                self.context.is_quoted = !self.context.is_quoted;
                self.word();
            }
            '`' if self.context.is_in_backticks => self.close(),
            '`' => self.open_substitution(true),
            '$' if self.chars.next_if_eq(&'(').is_some() => self.open_substitution(false),
            c if self.context.is_quoted => self.word().push(c),
            c => self.read_unquoted(c),
        }
    }

    fn read_unquoted(&mut self, c: char) {
        match c {
            '\'' => self.read_single_quoted(),
            '#' if self.context.word.is_none() => self.skip_comment(),
            '<' | '>' => self.read_redirection(),
            '&' if self.chars.peek() == Some(&'>') => self.end_word(),
            ';' | '|' | '&' | '\n' => self.end_command(),
            '(' => self.open(Context::default()),
            ')' => self.close(),
            c if c.is_whitespace() => self.end_word(),
            c => self.word().push(c),
        }
    }

    fn read_escaped(&mut self) {
        match self.chars.next() {
            Some('\n') | None => {}
            Some(c) => self.word().push(c),
        }
    }

    fn read_single_quoted(&mut self) {
        self.word();
        while let Some(c) = self.chars.next_if(|c| *c != '\'') {
            self.word().push(c);
        }
        self.chars.next();
    }

    fn skip_comment(&mut self) {
        while self.chars.next_if(|c| *c != '\n').is_some() {}
    }

    fn read_redirection(&mut self) {
        // A number before it names a stream.
        self.context
            .word
            .take_if(|word| word.chars().all(|c| c.is_ascii_digit()));
        self.end_word();
        while self
            .chars
            .next_if(|c| matches!(c, '<' | '>' | '&' | '|'))
            .is_some()
        {}
        self.context.is_redirected = true;
    }

    fn word(&mut self) -> &mut String {
        self.context.word.get_or_insert_default()
    }

    fn end_word(&mut self) {
        let Some(word) = self.context.word.take() else {
            return;
        };
        if !std::mem::take(&mut self.context.is_redirected) {
            self.context.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.context.is_redirected = false;
        let words = std::mem::take(&mut self.context.words);
        self.commands.extend(Command::from_words(words));
    }

    fn open_substitution(&mut self, is_in_backticks: bool) {
        self.word().push_str("$()");
        self.open(Context {
            is_in_backticks,
            ..Context::default()
        });
    }

    fn open(&mut self, context: Context) {
        self.outer
            .push(std::mem::replace(&mut self.context, context));
    }

    /// Goes back to the command around this one. Without one, as after a pattern of `case`, the
    /// bracket only ends the command.
    fn close(&mut self) {
        self.end_command();
        if let Some(context) = self.outer.pop() {
            self.context = context;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The commands, each as its words joined by blanks.
    fn joined(script: &str) -> Vec<String> {
        let join = |command: Command| {
            let mut words = vec![command.program];
            words.extend(command.arguments);
            words.join(" ")
        };
        commands(script).into_iter().map(join).collect()
    }

    #[test]
    fn every_separator_ends_a_command() {
        let script = "a 1 && b 2 || c; d | e & f\ng";
        assert_eq!(joined(script), ["a 1", "b 2", "c", "d", "e", "f", "g"]);
    }

    #[test]
    fn what_stands_before_the_program_is_left_out() {
        for script in [
            "npm ci",
            "CI=1 NODE_ENV=production npm ci",
            "sudo -E npm ci",
            "env A=b npm ci",
            "/usr/local/bin/npm ci",
            "if true; then npm ci; fi",
            "corepack npm ci",
            "! npm ci",
        ] {
            assert!(joined(script).contains(&"npm ci".to_owned()), "{script}");
        }
    }

    #[test]
    fn quotes_and_escapes_hold_words_together() {
        let command = &commands(r#"echo "a && b" 'c; d' e\ f "" g"h"i"#)[0];
        assert_eq!(command.arguments, ["a && b", "c; d", "e f", "", "ghi"]);
    }

    #[test]
    fn quoted_text_is_no_command() {
        assert_eq!(joined("echo 'npm ci && npm ci'").len(), 1);
    }

    #[test]
    fn substitutions_are_commands_of_their_own() {
        let script = r#"make V="$(git describe --tags)" W=`date` && (cd web && npm ci)"#;
        let expected = [
            "git describe --tags",
            "date",
            "make V=$() W=$()",
            "cd web",
            "npm ci",
        ];
        assert_eq!(joined(script), expected);
    }

    #[test]
    fn redirections_and_comments_are_no_arguments() {
        let script = "npm ci >/dev/null 2>&1 # not npm install\nmake &> log < in 2>> err all";
        assert_eq!(joined(script), ["npm ci", "make all"]);
    }

    #[test]
    fn a_hash_within_a_word_is_no_comment() {
        assert_eq!(joined("curl a#b"), ["curl a#b"]);
    }

    #[test]
    fn a_continued_line_is_one_line() {
        assert_eq!(
            joined("apt-get \\\n  install make"),
            ["apt-get install make"]
        );
    }

    #[test]
    fn what_is_left_open_ends_with_the_script() {
        assert_eq!(joined("a $(b \"c"), ["b c", "a $()"]);
        assert_eq!(joined("case x in y) npm ci ;; esac")[1], "npm ci");
    }

    proptest! {
        #[test]
        fn any_script_gives_commands_with_a_program(script in "[a-z$()`'\"\\\\<>&|;# \n=]{0,60}") {
            for command in commands(&script) {
                prop_assert!(command.arguments.len() <= script.len());
            }
        }
    }
}
