//! Finds package lists that are fetched in a `RUN` of their own: the install below takes them from the
//! cache when they are long out of date, and asks for packages that are gone.

use common::dockerfile::{Detail, Instruction, Stage};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::chain::chain;
use crate::analysis::effects::is_metadata;
use crate::analysis::raw_lines::{raw_lines, replaced};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = &subject.recipe.dockerfile.stages;
    let found = stages.iter().flat_map(|stage| {
        (0..stage.instructions.len()).filter_map(|index| check_run(subject, stage, index))
    });
    found.collect()
}

fn check_run(subject: &Subject<'_>, stage: &Stage, index: usize) -> Option<Found> {
    let at = &stage.instructions[index];
    let manager = updated_alone(at)?;
    let below = stage.instructions[index + 1..].iter();
    let mut runs = below.filter(|below| matches!(below.detail, Detail::Run(_)));
    let install = runs.find(|run| manager.installs(run))?;
    // One that fetches the lists itself needs none of before.
    if manager.updates(install) {
        return None;
    }
    Some(Found {
        confidence: Confidence::Certain,
        remedy: joined(subject, stage, index, install),
        ..Found::new(
            at.line,
            format!(
                "`{}` stands alone, so that `{} {}` in line {} gets lists from the cache that may be out \
                 of date",
                at.text, manager.name, manager.install, install.line
            ),
            format!("join it with line {}", install.line),
        )
    })
}

/// A package manager that installs from lists which another command fetches.
#[derive(Clone, Copy, Debug)]
struct Manager {
    name: &'static str,
    programs: &'static [&'static str],
    install: &'static str,
}

/// dnf, yum and zypper fetch lists that are out of date on their own.
/// Source: apt-get(8), apk-add(8), dnf.conf(5)
const MANAGERS: [Manager; 2] = [
    Manager {
        name: "apt-get",
        programs: &["apt", "apt-get"],
        install: "install",
    },
    Manager {
        name: "apk",
        programs: &["apk"],
        install: "add",
    },
];

impl Manager {
    fn has(&self, command: &Command, verbs: &[&str]) -> bool {
        let is_verb = |argument: &String| verbs.contains(&argument.as_str());
        self.programs.contains(&command.program.as_str()) && command.arguments.iter().any(is_verb)
    }

    fn installs(&self, at: &Instruction) -> bool {
        commands(at)
            .iter()
            .any(|command| self.has(command, &[self.install]))
    }

    fn updates(&self, at: &Instruction) -> bool {
        let flags = ["update", "--update", "-U", "--no-cache", "--update-cache"];
        commands(at).iter().any(|command| self.has(command, &flags))
    }
}

fn commands(at: &Instruction) -> Vec<Command> {
    match &at.detail {
        Detail::Run(run) => run_commands(run),
        _ => Vec::new(),
    }
}

/// The package manager whose lists an instruction fetches, when it does nothing else.
fn updated_alone(at: &Instruction) -> Option<&'static Manager> {
    let commands = commands(at);
    let mut managers = MANAGERS.iter();
    managers.find(|manager| {
        let verbs = ["update", "upgrade", "dist-upgrade", "full-upgrade"];
        let is_fetch = |command: &Command| manager.has(command, &verbs);
        commands
            .iter()
            .any(|command| manager.has(command, &["update"]))
            && commands.iter().all(is_fetch)
    })
}

fn joined(subject: &Subject<'_>, stage: &Stage, index: usize, install: &Instruction) -> Remedy {
    let recipe = subject.recipe;
    let update = &stage.instructions[index];
    let (Some(first), Some(second)) = (chain(recipe, update), chain(recipe, install)) else {
        return withheld("one of the two is no plain list of commands");
    };
    if !first.is_plain() || !second.is_plain() {
        return withheld("a failure of one command does not end the list that it would join");
    }
    if first.flags != second.flags {
        return withheld("the flags of the two differ");
    }
    let between = &stage.instructions[index + 1..];
    let mut between = between.iter().take_while(|at| at.line < install.line);
    if let Some(at) = between.find(|at| !is_metadata(at)) {
        return Remedy::Withheld(format!("line {} stands between", at.line));
    }
    let Some(lines) = raw_lines(recipe, install) else {
        return withheld("the Dockerfile is written inside another file");
    };
    let start = second.start();
    let at = (start.line - install.line) as usize;
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    lines[at].insert_str(start.offset, &format!("{} && ", text(update)));
    Remedy::Patch(vec![
        replaced(update.line, update.end_line, Vec::new()),
        replaced(install.line, install.end_line, lines),
    ])
}

fn withheld(why: &str) -> Remedy {
    Remedy::Withheld(why.to_owned())
}

/// The commands of a `RUN` in one line.
fn text(at: &Instruction) -> String {
    let Detail::Run(run) = &at.detail else {
        return String::new();
    };
    if run.command.contains(['\'', '"', '\\']) {
        return run.command.trim().to_owned();
    }
    let words: Vec<&str> = run.command.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, withheld};
    use super::*;

    #[test]
    fn an_update_alone_is_joined_with_its_install() {
        let text = "\
FROM debian:12
RUN apt-get update -qq > /dev/null
# What the tests need.
RUN apt-get install -y \\
    # a compiler
    gcc \\
    make
RUN apt-get install -y git
";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
        assert_eq!(
            found[0].message,
            "`RUN apt-get update -qq > /dev/null` stands alone, so that `apt-get install` in line 4 gets \
             lists from the cache that may be out of date"
        );
        let expected = "\
FROM debian:12
# What the tests need.
RUN apt-get update -qq > /dev/null && apt-get install -y \\
    # a compiler
    gcc \\
    make
RUN apt-get install -y git
";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn a_command_that_begins_in_another_line_is_joined_there() {
        let text = "FROM a\nrun apk update\nLABEL a=b\nrun \\\n  apk add git && \\\n  true\n";
        let expected = "FROM a\nLABEL a=b\nrun \\\n  apk update && apk add git && \\\n  true\n";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn an_install_that_updates_itself_or_an_update_without_one_is_fine() {
        for body in [
            "RUN apt-get update && apt-get install -y git",
            "RUN apt-get update\nRUN apt-get update && apt-get install -y git",
            "RUN apk update\nRUN apk add --no-cache git",
            "RUN apt-get update",
            "RUN dnf makecache\nRUN dnf install -y git",
            "RUN apt-get update && ./setup\nRUN apt-get install -y git",
        ] {
            assert!(
                found(check, &format!("FROM a\n{body}\n")).is_empty(),
                "{body}"
            );
        }
        // Each stage has its own lists.
        let two = "FROM a\nRUN apt-get update\nFROM a\nRUN apt-get install -y git\n";
        assert!(found(check, two).is_empty());
    }

    #[test]
    fn no_patch_is_offered_where_joining_could_change_something() {
        for between in [
            "RUN apt-get update\nCOPY sources.list /etc/apt/\nRUN apt-get install -y git",
            "RUN apt-get update\nUSER root\nRUN apt-get install -y git",
            "RUN apt-get update\nRUN apt-get install -y git; make",
            "RUN apt-get update\nRUN apt-get install -y git || true",
            "RUN apt-get update\nRUN --network=host apt-get install -y git",
            "RUN apt-get update\nRUN <<EOF\napt-get install -y git\nEOF",
            "RUN [\"apt-get\", \"update\"]\nRUN apt-get install -y git",
            "RUN apt-get update\nRUN if a; then apt-get install -y git; fi",
        ] {
            let text = format!("FROM a\n{between}\n");
            assert_eq!(lines(check, &text), [2], "{between}");
            assert_eq!(withheld(check, &text, &[]).len(), 1, "{between}");
        }
    }
}
