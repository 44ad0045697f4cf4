//! Finds packages of the distribution that are installed after files of the project are copied, though
//! they need none of those.
//!
//! Only a `RUN` that does nothing else is reported, since only that can move up as it is.

use common::dockerfile::{Copy, Detail, Instruction, Run, Stage};

use super::{Found, Subject};
use crate::analysis::shell::{self, Command};

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
    let stages = subject.recipe.dockerfile.stages.iter();
    stages
        .flat_map(|stage| check_stage(subject, stage))
        .collect()
}

/// Looks at one stage alone: what a stage on top of another one installs need not be in both.
fn check_stage(subject: &Subject<'_>, stage: &Stage) -> Vec<Found> {
    let mut found = Vec::new();
    let mut copied = None;
    for instruction in &stage.instructions {
        match &instruction.detail {
            Detail::Copy(copy) | Detail::Add(copy) if takes_project_files(copy) => {
                copied.get_or_insert(instruction);
            }
            Detail::Run(run) => {
                found
                    .extend(copied.and_then(|copied| check_run(subject, copied, instruction, run)));
            }
            _ => {}
        }
    }
    found
}

/// Whether an instruction takes files of the context that cannot configure a package manager.
fn takes_project_files(copy: &Copy) -> bool {
    let is_of_context = |source: &String| !source.contains("://") && !source.starts_with("git@");
    let destination = copy.destination.as_str();
    let is_system = matches!(destination, "/" | "/etc" | "/usr" | "/root")
        || ["/etc/", "/usr/share/", "/usr/local/share/", "/root/."]
            .iter()
            .any(|start| destination.starts_with(start));
    copy.from.is_none() && !is_system && copy.sources.iter().any(is_of_context)
}

fn check_run(
    subject: &Subject<'_>,
    copied: &Instruction,
    run_at: &Instruction,
    run: &Run,
) -> Option<Found> {
    let commands = shell::commands(&run.command);
    let (manager, verb) = commands.iter().find_map(installer)?;
    // What comes from a mount may be of the project.
    let has_other_mounts = run.mounts.iter().any(|mount| mount.kind != "cache");
    if has_other_mounts || !commands.iter().all(needs_no_project_file) {
        return None;
    }
    Some(Found {
        line: copied.line,
        message: format!(
            "`{}` comes before `{manager} {verb}` in line {}, which needs none of its files",
            copied.text, run_at.line
        ),
        advice: format!("install the packages above line {}", copied.line),
        saved_ms: subject.durations_ms.get(&run_at.line).copied(),
        saved_bytes: None,
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
        // After qdrant: a recipe file is copied before the compilers are installed.
        let text = "\
FROM rust:1 AS builder
WORKDIR /qdrant
COPY --from=planner /qdrant/recipe.json recipe.json
COPY recipe.json tools/ ./
RUN apt-get update ; apt-get install -y clang cmake && rustup component add rustfmt
RUN cargo chef cook --release --recipe-path recipe.json
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
            "COPY --from=build /out /app",
            "ADD https://example.com/key.asc /keys/",
        ] {
            let text = format!("FROM a\n{copy}\nRUN apt-get install -y git\n");
            assert!(found(check, &text).is_empty(), "{copy}");
        }
    }

    #[test]
    fn packages_of_a_stage_on_top_of_another_are_left_alone() {
        let text = "FROM a AS base\nCOPY . .\nFROM base AS development\nRUN apk add vim\n";
        assert!(found(check, text).is_empty());
    }
}
