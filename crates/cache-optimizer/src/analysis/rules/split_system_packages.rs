//! Finds packages that are installed one `RUN` after another in the stage that ships: each is a layer
//! of its own, and each but the last may come from the cache with lists that no longer fit the others.
//!
//! In stages that do not ship, layers cost nothing, and one package more is one short step.

use common::dockerfile::{Instruction, Stage};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::chain::{Chain, chain};
use crate::analysis::raw_lines::{between, raw_lines, replaced};
use crate::analysis::stage_uses;
use crate::analysis::system_packages::{installer, only_manage};

/// How many in a row are too many.
///
/// Chosen: two are often apart on purpose, a slow one above one that changes.
const IN_A_ROW_MIN: usize = 3;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut shipped = stage_uses::chain(dockerfile, dockerfile.stages.len() - 1);
    shipped.sort_unstable();
    let stages = shipped.iter().map(|&index| &dockerfile.stages[index]);
    stages
        .flat_map(|stage| check_stage(subject, stage))
        .collect()
}

fn check_stage(subject: &Subject<'_>, stage: &Stage) -> Vec<Found> {
    let installs: Vec<_> = stage
        .instructions
        .iter()
        .map(|at| managing(subject, at))
        .collect();
    let mut found = Vec::new();
    let mut first = 0;
    while first < installs.len() {
        let same = |at: &&Option<Chain>| is_same(installs[first].as_ref(), at.as_ref());
        let count = installs[first..].iter().take_while(same).count();
        let row = installs[first..first + count].iter().flatten();
        let installing = row.filter(|chain| installs_packages(chain)).count();
        if installing >= IN_A_ROW_MIN {
            found.push(split(subject, &stage.instructions[first..first + count]));
        }
        first += count.max(1);
    }
    found
}

fn is_same(first: Option<&Chain>, other: Option<&Chain>) -> bool {
    match (first, other) {
        (Some(first), Some(other)) => {
            first.flags == other.flags && program(first) == program(other)
        }
        _ => false,
    }
}

fn installs_packages(chain: &Chain) -> bool {
    let commands = chain.commands();
    commands.iter().any(|command| installer(command).is_some())
}

fn program(chain: &Chain) -> Option<String> {
    let commands = chain.commands();
    commands.into_iter().next().map(|command| command.program)
}

/// The commands of an instruction that only runs the package manager of the distribution.
fn managing(subject: &Subject<'_>, at: &Instruction) -> Option<Chain> {
    let chain = chain(subject.recipe, at)?;
    (chain.is_plain() && only_manage(&chain.commands())).then_some(chain)
}

fn split(subject: &Subject<'_>, runs: &[Instruction]) -> Found {
    let (first, last) = (&runs[0], &runs[runs.len() - 1]);
    Found {
        confidence: Confidence::Certain,
        remedy: joined(subject, runs),
        ..Found::new(
            first.line,
            format!(
                "{} steps in a row, up to line {}, run the package manager, each into a layer of its own",
                runs.len(),
                last.line
            ),
            "install them in one `RUN`".to_owned(),
        )
    }
}

fn joined(subject: &Subject<'_>, runs: &[Instruction]) -> Remedy {
    let recipe = subject.recipe;
    let mut joined: Vec<String> = Vec::new();
    let mut next = runs[0].line;
    for (index, at) in runs.iter().enumerate() {
        let (Some(lines), Some(chain)) = (raw_lines(recipe, at), chain(recipe, at)) else {
            return Remedy::Withheld("the Dockerfile is written inside another file".to_owned());
        };
        // Comments may stand within an instruction, blank lines should not.
        let above = between(recipe, next, at.line - 1).into_iter();
        joined.extend(
            above
                .filter(|line| !line.trim().is_empty())
                .map(str::to_owned),
        );
        next = at.end_line + 1;
        let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        if index > 0 {
            let start = chain.start();
            let skipped = (start.line - at.line) as usize;
            lines.drain(..skipped);
            lines[0] = format!("    && {}", &lines[0][start.offset..]);
        }
        if index + 1 < runs.len()
            && let Some(line) = lines.last_mut()
        {
            line.truncate(line.trim_end().len());
            line.push_str(" \\");
        }
        joined.extend(lines);
    }
    Remedy::Patch(vec![replaced(
        runs[0].line,
        runs[runs.len() - 1].end_line,
        joined,
    )])
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, mended};
    use super::*;

    #[test]
    fn many_installs_in_a_row_are_joined() {
        // go-gitea/gitea, reduced.
        let text = "\
FROM golang:1.21 AS build
RUN apk add make
RUN apk add git
RUN apk add nodejs
FROM alpine:3.19
EXPOSE 22
RUN apk add --no-cache bash
RUN apk del libidn2

# For users.
run apk add --no-cache \\
  ca-certificates
RUN apk add --no-cache gettext && rm -rf /var/cache/apk/*
RUN addgroup git
";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 7);
        assert_eq!(
            found[0].message,
            "4 steps in a row, up to line 13, run the package manager, each into a layer of its own"
        );
        let after = mended(check, text, &[]);
        let expected = "\
RUN apk add --no-cache bash \\
    && apk del libidn2 \\
# For users.
    && apk add --no-cache \\
  ca-certificates \\
    && apk add --no-cache gettext && rm -rf /var/cache/apk/*
RUN addgroup git
";
        assert!(after.ends_with(expected), "{after}");
    }

    #[test]
    fn few_installs_and_those_of_other_stages_are_left_alone() {
        for text in [
            "FROM a\nRUN apk add b\nRUN apk add c\n",
            "FROM a AS b\nRUN apk add b\nRUN apk add c\nRUN apk add d\nFROM e\nCOPY --from=b /b /b\n",
            "FROM a\nRUN apk add b\nCOPY c c\nRUN apk add d\nRUN apk add e\n",
            "FROM a\nRUN apk add b\nRUN make\nRUN apk add d\nRUN apk add e\n",
            "FROM a\nRUN apk add b\nRUN apk add c || true\nRUN apk add e\n",
            "FROM a\nRUN apk add b\nRUN --network=none apk add c\nRUN apk add e\n",
            "FROM a\nRUN apk add b\nRUN <<EOF\napk add c\nEOF\nRUN apk add e\n",
        ] {
            assert!(found(check, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_stage_that_the_last_one_starts_from_ships() {
        let text = "FROM a AS b\nRUN apk add b\nRUN apk add c\nRUN apk add d\nFROM b\nCMD e\n";
        assert_eq!(found(check, text)[0].line, 2);
    }
}
