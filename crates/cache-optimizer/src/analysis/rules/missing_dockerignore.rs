//! Finds leftovers of work, such as `.git` or `node_modules`, that are sent with the context because
//! no ignore file excludes them.
//!
//! Reported only where the Dockerfile takes the whole context, since the builder asks for no more
//! than what is copied; and never for what the Dockerfile names, or for `.git` where a step asks Git.

use common::dockerfile::{Detail, Dockerfile, Instruction};
use common::units::{format_bytes, format_ratio, ratio};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::run_commands::run_commands;
use crate::model::context::{Context, Entry};

/// Chosen: a tenth of the context is what anyone would call dominating it, together with others.
const RATIO_MIN: f64 = 0.1;

/// Chosen: reading, hashing and sending less takes no time that is felt.
const SIZE_BYTES_MIN: u64 = 1_000_000;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let context = &subject.recipe.context;
    let mut instructions = instructions(dockerfile);
    let Some(taking) = instructions.find(|i| sources(i).into_iter().any(is_whole_context)) else {
        return Vec::new();
    };
    let is_needed = |entry: &&Entry| {
        is_named(&entry.name, dockerfile) || entry.name == ".git" && asks_git(dockerfile)
    };
    let leftovers = context.leftovers.iter().filter(|entry| !is_needed(entry));
    leftovers
        .filter_map(|entry| found(entry, context, taking.line))
        .collect()
}

fn found(entry: &Entry, context: &Context, line: u32) -> Option<Found> {
    let share = ratio(entry.size_bytes, context.size_bytes)?;
    // A share above 1 means that the folder has changed since the build.
    if entry.size_bytes < SIZE_BYTES_MIN || !(RATIO_MIN..=1.0).contains(&share) {
        return None;
    }
    Some(Found {
        line,
        message: format!(
            "`{}` is {} of the build context ({}), and no ignore file excludes it",
            entry.name,
            format_bytes(entry.size_bytes),
            format_ratio(share)
        ),
        advice: format!("add the line `{}` to `{}`", entry.name, context.ignore_path),
        saved_ms: None,
        saved_bytes: Some(entry.size_bytes),
        confidence: Confidence::Likely,
        remedy: Remedy::None,
    })
}

fn instructions(dockerfile: &Dockerfile) -> impl Iterator<Item = &Instruction> {
    dockerfile
        .stages
        .iter()
        .flat_map(|stage| &stage.instructions)
}

/// The paths of the context that an instruction takes or mounts.
fn sources(instruction: &Instruction) -> Vec<&str> {
    match &instruction.detail {
        Detail::Copy(copy) | Detail::Add(copy) if copy.from.is_none() => {
            copy.sources.iter().map(String::as_str).collect()
        }
        Detail::Run(run) => {
            let mounts = run.mounts.iter();
            let of_context = mounts.filter(|mount| mount.kind == "bind" && mount.from.is_none());
            of_context
                .map(|mount| mount.source.as_deref().unwrap_or("."))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn is_whole_context(source: &str) -> bool {
    matches!(top_entry(source), "" | "." | "*")
}

fn is_named(name: &str, dockerfile: &Dockerfile) -> bool {
    instructions(dockerfile)
        .flat_map(sources)
        .any(|source| top_entry(source) == name)
}

/// The first part of a path in the context.
fn top_entry(source: &str) -> &str {
    let path = source.trim_start_matches("./").trim_start_matches('/');
    path.split('/').next().unwrap_or(path)
}

/// Whether a step asks Git about the project, as for a version; to clone another one is not that.
fn asks_git(dockerfile: &Dockerfile) -> bool {
    let runs = instructions(dockerfile).filter_map(|instruction| match &instruction.detail {
        Detail::Run(run) => Some(run),
        _ => None,
    });
    runs.flat_map(run_commands).any(|command| {
        let verb = command.arguments.first().map(String::as_str);
        command.program == "git" && !matches!(verb, Some("clone" | "config" | "init"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, in_context};
    use super::*;

    const MB: u64 = 1_000_000;

    /// What is found in a context of 100 MB with this entry.
    fn found_with(text: &str, name: &str, size_bytes: u64) -> Vec<Found> {
        let rest = ("src", 100 * MB - size_bytes);
        in_context(check, text, &[], &[(name, size_bytes), rest])
    }

    #[test]
    fn what_dominates_the_context_is_found_with_its_bytes() {
        let text = "FROM node\nWORKDIR /app\nCOPY . .\n";
        let expected = Found {
            line: 3,
            message: "`node_modules` is 60.0 MB of the build context (60.0 %), and no ignore file \
                      excludes it"
                .to_owned(),
            advice: "add the line `node_modules` to `.dockerignore`".to_owned(),
            saved_ms: None,
            saved_bytes: Some(60 * MB),
            confidence: Confidence::Likely,
            remedy: Remedy::None,
        };
        assert_eq!(found_with(text, "node_modules", 60 * MB), [expected]);
    }

    #[test]
    fn a_small_part_or_few_bytes_are_left_alone() {
        let text = "FROM node\nCOPY . .\n";
        assert!(found_with(text, ".git", 9 * MB).is_empty());
        assert_eq!(found_with(text, ".git", 10 * MB).len(), 1);
        assert!(in_context(check, text, &[], &[(".git", MB - 1), ("src", MB)]).is_empty());
        assert!(found(check, text).is_empty());
    }

    #[test]
    fn nothing_is_sent_that_no_instruction_takes() {
        for text in [
            "FROM node\nCOPY src/ src/\n",
            "FROM node\nCOPY --from=a . .\n",
        ] {
            assert!(
                found_with(text, "node_modules", 60 * MB).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_mount_takes_the_context_too() {
        let text = "FROM node\nRUN --mount=type=bind,target=. make\n";
        assert_eq!(found_with(text, "node_modules", 60 * MB)[0].line, 2);
    }

    #[test]
    fn what_the_dockerfile_names_is_needed() {
        let text = "FROM nginx\nCOPY ./dist/ /usr/share/nginx/html\nCOPY . /src\n";
        assert!(found_with(text, "dist", 60 * MB).is_empty());
        assert_eq!(found_with(text, ".git", 60 * MB)[0].line, 3);
    }

    #[test]
    fn git_is_needed_where_a_step_asks_it() {
        let asks = "FROM go\nCOPY . .\nRUN make VERSION=\"$(git describe --tags)\"\n";
        assert!(found_with(asks, ".git", 60 * MB).is_empty());
        let clones = "FROM go\nCOPY . .\nRUN git clone https://example.com/a\n";
        assert_eq!(found_with(clones, ".git", 60 * MB).len(), 1);
    }
}
