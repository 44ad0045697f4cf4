//! Finds packages of the distribution that are installed after files of the project are copied, though
//! they need none of those.
//!
//! Only a `RUN` that does nothing else is reported, since only that can move up as it is.

use common::dockerfile::{Copy, Detail, Instruction, Run, Stage};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;

/// The package managers, and what makes them install.
/// Source: apt-get(8), apk(8), dnf(8), yum(8), zypper(8)
const PACKAGE_MANAGERS: [(&str, &str); 7] = [
    ("apk", "add"),
    ("apt", "install"),
    ("apt-get", "install"),
    ("dnf", "install"),
    ("microdnf", "install"),
    ("yum", "install"),
    ("zypper", "install"),
];

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
        found.extend(check_stage(subject, stage, is_of_project));
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
    stage: &Stage,
    is_of_project: impl Fn(&str) -> bool,
) -> Vec<Found> {
    let mut found = Vec::new();
    let mut first_copy = None;
    for instruction in &stage.instructions {
        match &instruction.detail {
            Detail::Run(run) => {
                found.extend(first_copy.and_then(|at| check_run(subject, at, instruction, run)));
            }
            _ => match copy(instruction) {
                // Only after this may packages be installed.
                Some(copy) if configures_system(copy) => first_copy = None,
                Some(copy) if takes_project_files(copy, &is_of_project) => {
                    first_copy.get_or_insert(instruction);
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

/// The package manager and its verb when a command installs packages of the distribution.
fn installer(command: &Command) -> Option<(&'static str, &'static str)> {
    let mut managers = PACKAGE_MANAGERS.into_iter();
    managers.find(|(manager, verb)| {
        command.program == *manager && command.arguments.iter().any(|argument| argument == verb)
    })
}

fn needs_no_project_file(command: &Command) -> bool {
    let program = command.program.as_str();
    let mut arguments = command.arguments.iter().map(String::as_str);
    if PACKAGE_MANAGERS
        .iter()
        .any(|(manager, _)| *manager == program)
    {
        return !arguments.any(is_package_file);
    }
    match program {
        "rm" => arguments.all(|a| {
            ["-", "/var/", "/tmp/"]
                .iter()
                .any(|start| a.starts_with(start))
        }),
        _ => READS_NO_PROJECT_FILE.contains(&program),
    }
}

fn is_package_file(argument: &str) -> bool {
    argument.starts_with(['/', '$'])
        || argument.starts_with("./")
        || [".apk", ".deb", ".rpm"]
            .iter()
            .any(|end| argument.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, with_durations};
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
}
