//! Finds stages that no other stage uses and that do not look like a target of their own.
//!
//! A stage that nothing uses may be built by `--target`; so one is reported only when its name is that
//! of a step on the way, such as `build`, or when it could not be built at all. BuildKit skips it, the
//! classic builder runs it.

use common::dockerfile::{Detail, Stage};
use common::units::format_count;
use std::collections::BTreeSet;

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_uses::StageUses;
use crate::model::edit::{Edit, EditedFile};

/// Parts of names of stages on the way to another.
/// Chosen: what <https://docs.docker.com/build/building/multi-stage/> and public Dockerfiles call them.
const ON_THE_WAY: [&str; 12] = [
    "base",
    "build",
    "builder",
    "compile",
    "compiler",
    "dependencies",
    "deps",
    "download",
    "fetch",
    "install",
    "installer",
    "planner",
];

/// Parts of names of targets that are built on their own.
const TARGETS: [&str; 16] = [
    "artifact",
    "artifacts",
    "ci",
    "debug",
    "dev",
    "development",
    "dist",
    "export",
    "image",
    "lint",
    "prod",
    "production",
    "release",
    "run",
    "runtime",
    "test",
];

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = &subject.recipe.dockerfile.stages;
    if stages.len() < 2 {
        return Vec::new();
    }
    let uses = StageUses::of(&subject.recipe.dockerfile);
    if uses.is_open {
        return Vec::new();
    }
    let unneeded = unneeded(subject, &uses);
    let is_used = |stage: usize| {
        unneeded
            .iter()
            .any(|&other| uses.uses[other].contains(&stage))
    };
    let ends = unneeded.iter().filter(|&&stage| !is_used(stage));
    ends.map(|&stage| found(subject, &uses, stage)).collect()
}

/// The stages that neither the last one, nor a target of the build, nor one that looks like a target
/// needs.
fn unneeded(subject: &Subject<'_>, uses: &StageUses) -> BTreeSet<usize> {
    let stages = &subject.recipe.dockerfile.stages;
    let built = subject.targets.iter().flat_map(|target| &target.stages);
    let built = built.map(|stage| stage.index as usize);
    let own = (0..stages.len()).filter(|&index| is_target(subject, &stages[index]));
    let last = std::iter::once(stages.len() - 1);
    let needed = uses.needed(last.chain(built).chain(own));
    (0..stages.len())
        .filter(|index| !needed.contains(index))
        .collect()
}

fn is_target(subject: &Subject<'_>, stage: &Stage) -> bool {
    let Some(name) = stage.name.as_deref().map(str::to_lowercase) else {
        return false;
    };
    let mut parts = name.split(['-', '_', '.']);
    let is_on_the_way = parts.clone().any(|part| ON_THE_WAY.contains(&part));
    let is_broken = fault(stage).is_some();
    parts.any(|part| TARGETS.contains(&part))
        || !is_on_the_way && !is_broken
        || is_asked_for(subject, &name)
}

/// Whether a file of the context, such as a compose file, asks for a target of this name.
fn is_asked_for(subject: &Subject<'_>, name: &str) -> bool {
    let texts = subject.recipe.context.files.texts.values();
    let mut lines = texts.flat_map(|text| text.lines());
    lines.any(|line| {
        let line = line.to_lowercase();
        let is_name = |word: &str| word == name;
        line.contains("target")
            && line
                .split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
                .any(is_name)
    })
}

/// The command of a stage that cannot succeed.
fn fault(stage: &Stage) -> Option<(u32, Command)> {
    stage.instructions.iter().find_map(|instruction| {
        let Detail::Run(run) = &instruction.detail else {
            return None;
        };
        let faulty = run_commands(run).into_iter().find(is_faulty)?;
        Some((instruction.line, faulty))
    })
}

/// Whether it is an `update` of the package lists that is given packages, as by a forgotten `&&`.
/// Source: apt-get(8); apt answers "The update command takes no arguments".
fn is_faulty(command: &Command) -> bool {
    let mut words = command.arguments.iter().filter(|it| !it.starts_with('-'));
    matches!(command.program.as_str(), "apt" | "apt-get")
        && words.next().is_some_and(|verb| verb == "update")
        && words
            .next()
            .is_some_and(|word| word.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

fn found(subject: &Subject<'_>, uses: &StageUses, index: usize) -> Found {
    let stages = &subject.recipe.dockerfile.stages;
    let stage = &stages[index];
    let name = match &stage.name {
        Some(name) => format!("the stage `{name}`"),
        None => "this stage".to_owned(),
    };
    let count = stage.instructions.len() as u64;
    let fault = fault(stage).map(|(line, command)| {
        let verb = command.arguments.first().map_or("", String::as_str);
        format!(
            "; `{} {verb}` in line {line} takes no argument, so it would fail",
            command.program
        )
    });
    let message = format!(
        "no stage and no known target uses {name} of {}{}",
        format_count(count, "instruction"),
        fault.unwrap_or_default()
    );
    let higher = uses.numbered.first();
    let remedy = match higher {
        Some(line) => Remedy::Withheld(format!(
            "line {line} names a stage by its number, which would change"
        )),
        None => Remedy::Patch(vec![removal(subject, index)]),
    };
    Found {
        // A caller may ask for it by `--target`.
        confidence: Confidence::Possible,
        remedy,
        ..Found::new(
            stage.line,
            message,
            "remove it, unless it is built by `--target`".to_owned(),
        )
    }
}

/// Removes a stage that is not the last, with the comments that stand right above it. Those above the
/// first stage may be about the whole file, and stay.
fn removal(subject: &Subject<'_>, index: usize) -> Edit {
    let stages = &subject.recipe.dockerfile.stages;
    let lines: Vec<&str> = subject.recipe.text.lines().collect();
    let start = |index: usize| {
        let from = stages[index].line as usize - 1;
        let above = lines[..from].iter().rev();
        from - above
            .take_while(|line| line.trim_start().starts_with('#'))
            .count()
    };
    let first = if index == 0 {
        stages[0].line as usize - 1
    } else {
        start(index)
    };
    let next = start(index + 1);
    Edit {
        file: EditedFile::Dockerfile,
        line: u32::try_from(first + 1).unwrap_or(u32::MAX),
        removed_count: u32::try_from(next - first).unwrap_or_default(),
        lines: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{check_recipe, context_of, found, lines, mended, withheld};
    use super::*;
    use crate::model::recipe::Recipe;
    use crate::model::sample::recipe;

    /// After sherlock.
    const SHERLOCK: &str = "\
# Release instructions
FROM python:3.12 as build
WORKDIR /sherlock
RUN apt-get update \\
  pip3 install --upgrade pip

# The image.
FROM python:3.12
RUN pip3 install sherlock-project
";

    #[test]
    fn a_stage_on_the_way_to_nothing_is_found_and_removed() {
        let found = found(check, SHERLOCK);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
        let message = "no stage and no known target uses the stage `build` of 2 instructions; \
                       `apt-get update` in line 4 takes no argument, so it would fail";
        assert_eq!(found[0].message, message);
        let after = "# Release instructions\n# The image.\nFROM python:3.12\n\
                     RUN pip3 install sherlock-project\n";
        assert_eq!(mended(check, SHERLOCK, &[]), after);
    }

    #[test]
    fn stages_that_look_like_targets_are_left_alone() {
        for name in ["test", "dev", "lint", "worker", "build-test", "migrate"] {
            let text = format!("FROM a AS {name}\nRUN b\nFROM c\n");
            assert!(found(check, &text).is_empty(), "{name}");
        }
        assert_eq!(lines(check, "FROM a AS builder\nRUN b\nFROM c\n"), [1]);
        assert_eq!(lines(check, "FROM a\nRUN b\nFROM c\n"), [1]);
    }

    #[test]
    fn what_a_target_needs_is_needed() {
        let text = "FROM a AS build\nFROM build AS test\nRUN c\nFROM d\nCOPY --from=base /a /\n";
        assert!(found(check, text).is_empty());
        let text = "FROM a AS build\nRUN b\nFROM c\nRUN --mount=from=build,target=/b cp /b/x /\n";
        assert!(found(check, text).is_empty());
    }

    #[test]
    fn a_stage_that_a_compose_file_or_a_variable_may_ask_for_is_left_alone() {
        let asked = Recipe {
            context: context_of(&[(
                "compose.yml",
                "services:\n  a:\n    build:\n      target: build\n",
            )]),
            ..recipe(SHERLOCK)
        };
        assert!(check_recipe(check, &asked, &[]).is_empty());
        let chosen = "ARG KIND=dev\nFROM a AS dev-base\nFROM b AS prod-base\nFROM ${KIND}-base\n";
        assert!(found(check, chosen).is_empty());
    }

    #[test]
    fn stages_that_need_one_another_go_one_by_one_the_last_first() {
        let text = "FROM a AS deps\nRUN b\n# Builds.\nFROM deps AS build\nRUN c\nFROM d\n";
        assert_eq!(lines(check, text), [4]);
        assert_eq!(mended(check, text, &[]), "FROM a AS deps\nRUN b\nFROM d\n");
    }

    #[test]
    fn stages_that_are_named_by_number_keep_their_places() {
        let text = "FROM a AS base\nFROM b\nRUN c\nFROM d\nCOPY --from=1 /c /\n";
        assert_eq!(
            withheld(check, text, &[]),
            ["line 5 names a stage by its number, which would change"]
        );
    }
}
