//! Finds packages of the distribution that are installed after files of the project are copied, though
//! they need none of those.
//!
//! Only a `RUN` that does nothing else is reported, since only that can move up as it is.

mod reorder;

use common::dockerfile::{Copy, Detail, Instruction, Run};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::system_packages::{
    installer, is_manager, removes_leftovers, uses_repositories_only,
};

/// Programs that, beside an install, set up or tidy the system without a file of the project.
const READS_NO_PROJECT_FILE: [&str; 11] = [
    "addgroup",
    "adduser",
    "curl",
    "echo",
    "groupadd",
    "locale-gen",
    "mkdir",
    "rustup",
    "set",
    "useradd",
    "wget",
];

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut found = Vec::new();
    let mut of_project: Vec<bool> = Vec::with_capacity(dockerfile.stages.len());
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let is_of_project = |name: &str| {
            let other = dockerfile.stage_index(name, index);
            other.is_some_and(|other| of_project[other])
        };
        found.extend(check_stage(subject, index, is_of_project));
        let mut copies = stage.instructions.iter().filter_map(copy);
        let holds = is_of_project(&stage.base)
            || copies.any(|copy| takes_project_files(copy, is_of_project));
        of_project.push(holds);
    }
    found
}

/// Looks at one stage alone: what a stage on top of another one installs need not be in both.
/// `is_of_project` tells of an earlier stage whether it holds anything of the project.
fn check_stage(
    subject: &Subject<'_>,
    stage_index: usize,
    is_of_project: impl Fn(&str) -> bool,
) -> Vec<Found> {
    let stage = &subject.recipe.dockerfile.stages[stage_index];
    let states = &subject.states[stage_index];
    let mut found = Vec::new();
    let mut first_copy = None;
    for (index, instruction) in stage.instructions.iter().enumerate() {
        match &instruction.detail {
            Detail::Run(run) => found.extend(first_copy.and_then(|first: usize| {
                let copied_at = &stage.instructions[first];
                let found = check_run(subject, copied_at, instruction, run)?;
                Some(Found {
                    remedy: reorder::remedy(subject, stage, states, first, index),
                    ..found
                })
            })),
            _ => match copy(instruction) {
                // Only after this may packages be installed.
                Some(copy) if configures_system(copy) => first_copy = None,
                Some(copy) if takes_project_files(copy, &is_of_project) => {
                    first_copy.get_or_insert(index);
                }
                _ => {}
            },
        }
    }
    found
}

fn copy(instruction: &Instruction) -> Option<&Copy> {
    match &instruction.detail {
        Detail::Copy(copy) | Detail::Add(copy) => Some(copy),
        _ => None,
    }
}

/// Whether what is copied may be the configuration of a package manager.
fn configures_system(copy: &Copy) -> bool {
    let destination = copy.destination.as_str();
    let starts = ["/etc/", "/usr/share/", "/usr/local/share/", "/root/."];
    matches!(destination, "/" | "/etc" | "/usr" | "/root")
        || starts.iter().any(|start| destination.starts_with(start))
}

/// Whether an instruction takes files that change with the project: of the context, or of a stage
/// that holds some.
fn takes_project_files(copy: &Copy, is_of_project: impl Fn(&str) -> bool) -> bool {
    let is_of_context = |source: &String| !source.contains("://") && !source.starts_with("git@");
    match &copy.from {
        Some(from) => is_of_project(from),
        None => copy.sources.iter().any(is_of_context),
    }
}

fn check_run(
    subject: &Subject<'_>,
    copied_at: &Instruction,
    run_at: &Instruction,
    run: &Run,
) -> Option<Found> {
    let commands = run_commands(run);
    let (manager, verb) = commands.iter().find_map(installer)?;
    // What comes from a mount may be of the project.
    let has_other_mounts = run.mounts.iter().any(|mount| mount.kind != "cache");
    if has_other_mounts || !commands.iter().all(needs_no_project_file) {
        return None;
    }
    Some(Found {
        line: copied_at.line,
        message: format!(
            "`{}` comes before `{manager} {verb}` in line {}, which needs none of its files",
            copied_at.text, run_at.line
        ),
        advice: format!("install the packages above line {}", copied_at.line),
        saved_ms: subject.durations_ms.get(&run_at.line).copied(),
        saved_bytes: None,
        confidence: Confidence::Likely,
        remedy: Remedy::None,
    })
}

fn needs_no_project_file(command: &Command) -> bool {
    let program = command.program.as_str();
    match program {
        _ if is_manager(program) => uses_repositories_only(command),
        "rm" => removes_leftovers(command),
        _ => READS_NO_PROJECT_FILE.contains(&program),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, with_durations, withheld};
    use super::*;

    fn faulty_lines(text: &str) -> Vec<u32> {
        lines(check, text)
    }

    #[test]
    fn a_file_of_the_project_before_system_packages_is_found() {
        let text = "\
FROM rust:1 AS builder
WORKDIR /app
COPY --from=docker.io/tools /bin/tool /bin/
COPY recipe.json tools/ ./
RUN apt-get update ; apt-get install -y clang cmake && rustup component add rustfmt
";
        let found = with_durations(check, text, &[(5, 9000)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 4);
        assert_eq!(found[0].saved_ms, Some(9000));
        assert_eq!(
            found[0].message,
            "`COPY recipe.json tools/ ./` comes before `apt-get install` in line 5, which needs none of \
             its files"
        );
        assert_eq!(found[0].advice, "install the packages above line 4");
    }

    #[test]
    fn every_package_manager_is_known() {
        for run in [
            "apk --no-cache add build-base git",
            "apk add --virtual .build-deps gcc && rm -rf /var/cache/apk/*",
            "sudo apt-get -y --no-install-recommends install make",
            "dnf install -y gcc",
            "microdnf install gcc",
            "yum -y install gcc",
            "zypper --non-interactive install gcc",
        ] {
            let text = format!("FROM a\nCOPY Gemfile ./\nRUN {run}\n");
            assert_eq!(faulty_lines(&text), [2], "{run}");
        }
    }

    #[test]
    fn packages_before_the_files_are_as_they_should_be() {
        assert!(found(check, "FROM a\nRUN apk add git\nCOPY . .\n").is_empty());
    }

    #[test]
    fn a_run_that_may_use_the_files_is_left_alone() {
        for run in [
            "apt-get install -y ./tools.deb",
            "apt-get install -y $(cat packages.txt)",
            "xargs apt-get install -y < packages.txt",
            "apt-get install -y gcc && make && apt-get purge gcc",
            "apt-get update && apt-get install -y gcc && pip install -r requirements.txt",
            "apt-get install -y git && rm -rf docs",
            "--mount=type=bind,target=/src apt-get install -y git",
            "apt-get update",
            "echo apt-get install",
        ] {
            let text = format!("FROM a\nCOPY . .\nRUN {run}\n");
            assert!(found(check, &text).is_empty(), "{run}");
        }
    }

    #[test]
    fn files_that_may_configure_the_system_are_left_alone() {
        for copy in [
            "COPY sources.list /etc/apt/",
            "COPY keys/ /usr/share/keyrings/",
            "COPY rootfs/ /",
            "COPY --from=docker.io/tools /out /app",
            "ADD https://example.com/key.asc /keys/",
        ] {
            let text = format!("FROM a\n{copy}\nRUN apt-get install -y git\n");
            assert!(found(check, &text).is_empty(), "{copy}");
        }
    }

    #[test]
    fn files_of_a_stage_change_when_they_come_from_the_project() {
        let text = |copy: &str| {
            format!(
                "FROM a AS tools\nRUN curl -o /tool https://example.com\n\
                 FROM a AS build\n{copy}\nFROM build AS more\n\
                 FROM a\nCOPY --from=more /out /app\nRUN apk add git\n"
            )
        };
        assert_eq!(faulty_lines(&text("COPY . .")), [7]);
        assert!(found(check, &text("COPY --from=tools /tool /tool")).is_empty());
    }

    #[test]
    fn packages_may_need_what_was_copied_into_the_system_before_them() {
        let text = "FROM a\nCOPY a b\nCOPY apt/ /etc/apt/\nCOPY c d\nRUN apt-get install -y git\n";
        assert_eq!(faulty_lines(text), [4]);
    }

    #[test]
    fn packages_of_a_stage_on_top_of_another_are_left_alone() {
        let text = "FROM a AS base\nCOPY . .\nFROM base AS development\nRUN apk add vim\n";
        assert!(found(check, text).is_empty());
    }

    #[test]
    fn packages_move_above_what_is_copied_before_them() {
        // chatwoot/chatwoot, reduced.
        let text = "\
FROM ruby:3.3-alpine AS pre-builder
WORKDIR /app

# The gems.
COPY Gemfile Gemfile.lock ./
LABEL a=b
# Compiles grpc for musl.
run apk update && apk add --no-cache build-base \\
    # images
    vips
RUN bundle install
";
        let expected = "\
FROM ruby:3.3-alpine AS pre-builder
WORKDIR /app

# Compiles grpc for musl.
run apk update && apk add --no-cache build-base \\
    # images
    vips
# The gems.
COPY Gemfile Gemfile.lock ./
LABEL a=b
RUN bundle install
";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn a_file_of_another_stage_is_passed_too() {
        // qdrant/qdrant, reduced.
        let text = "\
FROM a AS chef
WORKDIR /qdrant
FROM chef AS planner
COPY . .
FROM chef
COPY --from=planner /qdrant/recipe.json recipe.json
RUN apt-get update ; apt-get install -y clang ; rustup component add rustfmt
RUN cargo chef cook
";
        let after = mended(check, text, &[]);
        let expected = "\
FROM chef
RUN apt-get update ; apt-get install -y clang ; rustup component add rustfmt
COPY --from=planner /qdrant/recipe.json recipe.json
RUN cargo chef cook
";
        assert!(after.ends_with(expected), "{after}");
    }

    #[test]
    fn no_patch_is_offered_where_files_could_meet() {
        for (body, why) in [
            ("COPY a ./\nRUN apk add git", "not known"),
            (
                "COPY a /usr/lib/b\nRUN apk add git",
                "packages may put files",
            ),
            ("COPY a /app/\nENV PATH=/app\nRUN apk add git", "`ENV`"),
            ("COPY a /app/\nUSER root\nRUN apk add git", "`USER`"),
            ("COPY a /app/\nRUN make\nRUN apk add git", "`RUN`"),
            ("COPY a /app/\nRUN apk add git && mkdir b", "`mkdir`"),
            ("COPY a /app/\nRUN apk add git && echo b > c", "redirects"),
            ("COPY a /tmp/a\nRUN apk add git && rm -rf /tmp/*", "/tmp"),
            ("COPY a /app/\nRUN apk add git && adduser u", "`adduser`"),
            (
                "COPY . /app/\nRUN apk add git && rustup component add b",
                "rust-toolchain",
            ),
        ] {
            let text = format!("FROM a\n{body}\n");
            let reasons = withheld(check, &text, &[]);
            assert_eq!(reasons.len(), 1, "{body}");
            assert!(reasons[0].contains(why), "{body}: {}", reasons[0]);
        }
    }
}
