//! Finds work that is asked for again though its result is there: flags that make a tool throw away
//! its own cache, and the same install twice in one stage.

use common::dockerfile::{Detail, Instruction, Stage};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::chain::{Chain, Word, chain};
use crate::analysis::install::install;
use crate::analysis::raw_lines::{raw_lines, replaced};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_state::State;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = subject.recipe.dockerfile.stages.iter();
    let mut found = Vec::new();
    for (stage, states) in stages.zip(subject.states) {
        let flags = stage.instructions.iter();
        found.extend(flags.filter_map(|at| flagged(subject, at)));
        found.extend(repeated(subject, stage, states));
    }
    found
}

/// Programs with the words that make them build, and the flag that makes them build all.
///
/// Source: `go help build`, <https://docs.gradle.org/current/userguide/command_line_interface.html>
const FLAGS: [(&str, &[&str], &str); 5] = [
    ("go", &["build", "install", "test", "vet"], "-a"),
    ("gradle", &[], "--rerun-tasks"),
    ("gradle", &[], "--no-build-cache"),
    ("gradlew", &[], "--rerun-tasks"),
    ("gradlew", &[], "--no-build-cache"),
];

/// The flag that makes a command throw away its tool's cache.
fn rebuild_flag(command: &Command) -> Option<&'static str> {
    let (_, _, flag) = FLAGS.into_iter().find(|(program, verbs, flag)| {
        let arguments = &command.arguments;
        let verb = arguments.first().map(String::as_str).unwrap_or_default();
        command.program == *program
            && (verbs.is_empty() || verbs.contains(&verb))
            && arguments.iter().any(|argument| argument == flag)
    })?;
    Some(flag)
}

fn flagged(subject: &Subject<'_>, at: &Instruction) -> Option<Found> {
    let Detail::Run(run) = &at.detail else {
        return None;
    };
    let commands = run_commands(run);
    let (command, flag) = commands
        .iter()
        .find_map(|command| Some((command, rebuild_flag(command)?)))?;
    Some(Found {
        remedy: without_flag(subject, at, &command.program, flag),
        ..Found::new(
            at.line,
            format!(
                "`{flag}` makes `{}` build all again, though its cache tells what changed by content",
                command.program
            ),
            format!("leave out `{flag}`"),
        )
    })
}

fn without_flag(subject: &Subject<'_>, at: &Instruction, program: &str, flag: &str) -> Remedy {
    let Some((chain, lines)) = chain(subject.recipe, at).zip(raw_lines(subject.recipe, at)) else {
        return Remedy::Withheld("the step is no plain list of commands".to_owned());
    };
    let words = chain.links.iter().flat_map(|link| {
        let is_meant = link
            .commands()
            .iter()
            .any(|command| command.program == program);
        link.words
            .iter()
            .filter(move |word| is_meant && word.text == flag)
    });
    let [word] = words.collect::<Vec<&Word>>()[..] else {
        return Remedy::Withheld(format!("`{flag}` stands there more than once"));
    };
    let line = lines[(word.spot.line - at.line) as usize];
    let (before, after) = line.split_at(word.spot.offset);
    let after = &after[flag.len()..];
    // A line that begins with the flag keeps its blanks.
    let text = if before.trim().is_empty() {
        format!("{before}{}", after.trim_start())
    } else {
        format!("{}{after}", before.trim_end())
    };
    Remedy::Patch(vec![replaced(word.spot.line, word.spot.line, vec![text])])
}

/// Installs of a stage that an earlier step made already, by the same words in the same folder.
fn repeated(subject: &Subject<'_>, stage: &Stage, states: &[State]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut earlier: Vec<(usize, String)> = Vec::new();
    for (index, at) in stage.instructions.iter().enumerate() {
        let Some(chain) = chain(subject.recipe, at).filter(Chain::leaves_shell_alone) else {
            continue;
        };
        for link in &chain.links {
            let text = link.text();
            if !link
                .commands()
                .iter()
                .any(|command| install(command).is_some())
            {
                continue;
            }
            let is_same = |(at, other): &&(usize, String)| {
                *other == text && states[*at].workdir == states[index].workdir
            };
            match earlier.iter().rev().find(is_same) {
                Some(&(first, _)) if first != index => {
                    found.push(again(subject, stage, first, index, &text));
                }
                _ => earlier.push((index, text)),
            }
        }
    }
    found
}

fn again(subject: &Subject<'_>, stage: &Stage, first: usize, index: usize, text: &str) -> Found {
    let (first_at, at) = (&stage.instructions[first], &stage.instructions[index]);
    let copied = stage.instructions[first..index]
        .iter()
        .find(|at| matches!(at.detail, Detail::Copy(_) | Detail::Add(_)));
    let second = chain(subject.recipe, at);
    let is_alone = second.as_ref().is_some_and(|chain| chain.links.len() == 1);
    let flags = |chain: Option<Chain>| chain.map(|chain| chain.flags);
    let has_same_flags = flags(second) == flags(chain(subject.recipe, first_at));
    let remedy = match copied {
        Some(copied) => Remedy::Withheld(format!(
            "line {} copies files between the two, which may change what is installed",
            copied.line
        )),
        None if first + 1 != index => {
            Remedy::Withheld("other instructions stand between the two".to_owned())
        }
        None if !has_same_flags => Remedy::Withheld("the flags of the two differ".to_owned()),
        None if !is_alone || raw_lines(subject.recipe, at).is_none() => {
            Remedy::Withheld("the step does more than that".to_owned())
        }
        None => Remedy::Patch(vec![replaced(at.line, at.end_line, Vec::new())]),
    };
    Found {
        saved_ms: subject
            .durations_ms
            .get(&at.line)
            .copied()
            .filter(|_| is_alone),
        confidence: if copied.is_some() {
            Confidence::Possible
        } else {
            Confidence::Likely
        },
        remedy,
        ..Found::new(
            at.line,
            format!("`{text}` ran in line {} already", first_at.line),
            "install once".to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, with_durations, withheld};
    use super::*;

    #[test]
    fn a_flag_that_throws_the_cache_away_is_left_out() {
        // minio/console, reduced.
        let text = "\
FROM golang:1.19 AS golayer
ENV CGO_ENABLED=0
RUN go mod download && \\
    go build -a -tags=kqueue -o console ./cmd/console
RUN ./gradlew build --rerun-tasks \\
    --no-daemon
";
        let found = found(check, text);
        assert_eq!((found.len(), found[0].line), (2, 3));
        assert_eq!(
            found[0].message,
            "`-a` makes `go` build all again, though its cache tells what changed by content"
        );
        let expected = "\
FROM golang:1.19 AS golayer
ENV CGO_ENABLED=0
RUN go mod download && \\
    go build -tags=kqueue -o console ./cmd/console
RUN ./gradlew build \\
    --no-daemon
";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn the_same_letter_of_another_program_is_fine() {
        for run in [
            "cp -a b c",
            "go list -a",
            "go build -o a ./cmd",
            "tar -a",
            "git commit -a",
        ] {
            let text = format!("FROM a\nRUN {run}\n");
            assert_eq!(lines(check, &text), [] as [u32; 0], "{run}");
        }
    }

    #[test]
    fn a_flag_in_a_script_is_left_to_a_person() {
        for run in [
            "<<EOF\ngo build -a\nEOF",
            "if a; then go build -a; fi",
            "[\"go\", \"build\", \"-a\"]",
            "go build -a b && go build -a c",
        ] {
            let text = format!("FROM a\nRUN {run}\n");
            assert_eq!(withheld(check, &text, &[]).len(), 1, "{run}");
        }
    }

    #[test]
    fn an_install_that_was_made_is_left_out() {
        let text = "FROM node:18\nCOPY . .\nRUN npm ci\n# Again.\nRUN npm ci\nRUN npm run build\n";
        let found = with_durations(check, text, &[(5, 90)]);
        assert_eq!((found[0].line, found[0].saved_ms), (5, Some(90)));
        assert_eq!(found[0].message, "`npm ci` ran in line 3 already");
        let expected = "FROM node:18\nCOPY . .\nRUN npm ci\n# Again.\nRUN npm run build\n";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn an_install_after_more_files_may_be_needed() {
        let text = "\
FROM node:18
WORKDIR /app
COPY package.json yarn.lock ./
RUN yarn install
COPY . .
RUN yarn install && make build-static
";
        assert_eq!(found(check, text)[0].confidence, Confidence::Possible);
        assert_eq!(
            withheld(check, text, &[]),
            ["line 5 copies files between the two, which may change what is installed"]
        );
    }

    #[test]
    fn another_install_is_another() {
        for body in [
            "RUN npm ci\nRUN npm ci --omit=dev",
            "RUN npm ci\nWORKDIR /web\nRUN npm ci",
            "RUN npm ci\nFROM b\nRUN npm ci",
            "RUN npm ci && npm run build",
            "RUN NODE_ENV=production npm ci\nRUN npm ci",
            "RUN cd web && npm ci\nRUN npm ci",
        ] {
            assert!(
                found(check, &format!("FROM a\nWORKDIR /a\n{body}\n")).is_empty(),
                "{body}"
            );
        }
    }
}
