//! Finds sources that are copied before dependencies are installed, though the install needs only
//! the project's manifests.
//!
//! Left alone: what installs from the sources themselves, a second install on top of one that stands
//! before the sources, and `COPY --from`, which counts by content.

use common::dockerfile::{Copy, Detail, Instruction, Run};
use std::collections::BTreeSet;

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::install::{Install, install};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_chain::walk;

/// Folders that belong to a manifest, not to the sources: an install reads them.
/// Source: research/cache.md section 5, rule 6.
const MANIFEST_FOLDERS: [&str; 16] = [
    ".bundle",
    ".cargo",
    ".config",
    ".gradle",
    ".mvn",
    ".npm",
    ".nuget",
    ".yarn",
    "buildSrc",
    "gemfiles",
    "gradle",
    "patches",
    "prisma",
    "requirements",
    "vendor",
    "wheels",
];

/// What a stage has done so far.
#[derive(Clone, Default)]
struct Progress<'a> {
    /// The first instruction that copied sources.
    copied: Option<&'a Instruction>,
    /// The tools that had installed before that.
    installed: BTreeSet<&'static str>,
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    walk(
        &subject.recipe.dockerfile,
        |progress: &mut Progress<'_>, instruction| match &instruction.detail {
            Detail::Copy(copy) | Detail::Add(copy) if takes_sources(copy, subject) => {
                progress.copied.get_or_insert(instruction);
            }
            Detail::Run(run) => found.extend(check_run(subject, progress, instruction, run)),
            _ => {}
        },
    );
    found
}

/// Whether an instruction takes a folder of sources, or the whole context.
fn takes_sources(copy: &Copy, subject: &Subject<'_>) -> bool {
    let is_sources = |source: &String| {
        let path = source.trim_start_matches("./").trim_matches('/');
        let is_whole = matches!(path, "" | "." | "*");
        let is_folder = source.ends_with('/')
            || source.ends_with("/*")
            || subject.recipe.context.folders.contains(source);
        let name = path
            .trim_end_matches("/*")
            .rsplit('/')
            .next()
            .unwrap_or(path);
        is_whole || is_folder && !MANIFEST_FOLDERS.contains(&name)
    };
    copy.from.is_none() && copy.sources.iter().any(is_sources)
}

fn check_run(
    subject: &Subject<'_>,
    progress: &mut Progress<'_>,
    run_at: &Instruction,
    run: &Run,
) -> Option<Found> {
    let commands = run_commands(run);
    let mut installs = commands
        .iter()
        .filter_map(|command| Some((command, install(command)?)));
    let Some(copied) = progress.copied else {
        progress
            .installed
            .extend(installs.map(|(_, install)| install.tool));
        return None;
    };
    let (command, install) = installs.find(|(_, i)| !progress.installed.contains(i.tool))?;
    let saved_ms = subject.durations_ms.get(&run_at.line).copied();
    Some(Found {
        line: copied.line,
        message: format!(
            "`{}` comes before `{}` in line {}, so each change of the sources installs the \
             dependencies again",
            copied.text,
            shown(command),
            run_at.line
        ),
        advice: advice(&install),
        // The time of a step that also builds is not that of the install.
        saved_ms: saved_ms.filter(|_| commands.iter().all(is_install_or_preparation)),
        saved_bytes: None,
        confidence: Confidence::Likely,
        remedy: Remedy::None,
    })
}

/// The program and the first of its arguments: enough to find the command.
fn shown(command: &Command) -> String {
    let arguments = command.arguments.iter().take(3).map(String::as_str);
    let words: Vec<&str> = std::iter::once(command.program.as_str())
        .chain(arguments)
        .collect();
    words.join(" ")
}

fn is_install_or_preparation(command: &Command) -> bool {
    matches!(command.program.as_str(), "cd" | "set" | "export") || install(command).is_some()
}

fn advice(install: &Install) -> String {
    let manifests: Vec<_> = install
        .manifests
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let only_with = match install.only_with {
        Some(only_with) => format!(" (`{only_with}`)"),
        None => String::new(),
    };
    format!(
        "copy {} first, then install{only_with}, then copy the sources",
        manifests.join(" and ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, in_context, lines, with_durations};
    use super::*;

    fn faulty_lines(text: &str) -> Vec<u32> {
        lines(check, text)
    }

    #[test]
    fn sources_before_an_install_are_found_with_what_mending_saves() {
        // After juice-shop.
        let text = "\
FROM node:20 AS installer
COPY . /juice-shop
WORKDIR /juice-shop
RUN npm install --omit=dev --unsafe-perm
";
        let found = with_durations(check, text, &[(4, 30_000)]);
        let expected = Found {
            line: 2,
            message: "`COPY . /juice-shop` comes before `npm install --omit=dev --unsafe-perm` in line 4, \
                      so each change of the sources installs the dependencies again"
                .to_owned(),
            advice: "copy `package.json` and `package-lock.json` first, then install, then copy the sources"
                .to_owned(),
            saved_ms: Some(30_000),
            saved_bytes: None,
            confidence: Confidence::Likely,
            remedy: Remedy::None,
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn the_time_of_a_step_that_also_builds_is_not_what_mending_saves() {
        let text = "FROM node\nCOPY . .\nRUN yarn install && yarn turbo run build\n";
        assert_eq!(
            with_durations(check, text, &[(3, 30_000)])[0].saved_ms,
            None
        );
    }

    #[test]
    fn manifests_alone_before_an_install_are_as_they_should_be() {
        for copy in [
            "COPY package.json package-lock.json ./",
            "COPY package*.json ./",
            "COPY --from=build /app/ ./",
            "COPY patches/ patches/",
            "COPY .yarn/ .yarn/",
            "ADD https://example.com/a.tar.gz /a/",
        ] {
            let text = format!("FROM node\n{copy}\nRUN npm ci\nCOPY . .\nRUN npm run build\n");
            assert!(found(check, &text).is_empty(), "{copy}");
        }
    }

    #[test]
    fn every_way_to_take_all_sources_is_known() {
        for copy in [
            "COPY . .",
            "COPY ./ /app/",
            "ADD . /app",
            "COPY * ./",
            "COPY src/ src/",
            "COPY a.txt . ./",
        ] {
            let text = format!("FROM node\n{copy}\nRUN npm ci\n");
            assert_eq!(faulty_lines(&text), [2], "{copy}");
        }
    }

    #[test]
    fn a_source_without_a_slash_is_a_folder_when_the_context_says_so() {
        let text = "FROM node\nCOPY app app\nRUN npm ci\n";
        assert!(found(check, text).is_empty());
        assert_eq!(in_context(check, text, &["app"], &[])[0].line, 2);
    }

    #[test]
    fn a_second_install_on_top_of_the_first_is_as_it_should_be() {
        // As uv's documentation has it: dependencies first, the project on top of them.
        let text = "\
FROM python:3.12
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-install-project
COPY . .
RUN uv sync --locked
";
        assert!(found(check, text).is_empty());
    }

    #[test]
    fn a_stage_goes_on_from_its_base() {
        let text = "\
FROM node AS base
COPY . .
FROM base AS build
RUN npm ci
FROM node AS other
RUN npm ci
";
        assert_eq!(faulty_lines(text), [2]);
    }

    #[test]
    fn each_step_that_installs_is_found_once() {
        let text = "FROM a\nCOPY . .\nRUN npm ci && pip install -r a.txt\nRUN bundle install\n";
        assert_eq!(faulty_lines(text), [2, 2]);
    }

    #[test]
    fn an_install_in_a_here_document_is_found() {
        let text = "FROM a\nCOPY . .\nRUN <<EOF\nset -e\nnpm ci\nEOF\n";
        assert_eq!(faulty_lines(text), [2]);
    }

    #[test]
    fn what_needs_the_sources_or_names_packages_is_left_alone() {
        for run in [
            "pip install .",
            "cargo build --release",
            "npm install -g pm2",
            "make deps",
        ] {
            let text = format!("FROM a\nCOPY . .\nRUN {run}\n");
            assert!(found(check, &text).is_empty(), "{run}");
        }
    }

    #[test]
    fn the_advice_names_the_files_and_the_flag_of_the_tool() {
        let advice = |run: &str| {
            let text = format!("FROM a\nCOPY . .\nRUN {run}\n");
            found(check, &text).remove(0).advice
        };
        assert_eq!(
            advice("poetry install"),
            "copy `pyproject.toml` and `poetry.lock` first, then install (`--no-root`), then copy the sources"
        );
        assert_eq!(
            advice("pip install -r requirements/prod.txt"),
            "copy `requirements/prod.txt` first, then install, then copy the sources"
        );
    }
}
