//! Finds compilers, headers and build tools that the image keeps though only a step of its build needs
//! them: packages that are not removed in the step that installs them, and bases that are for building.
//!
//! An image that starts nothing, or starts the tools themselves, is one for building, and left alone.

use common::dockerfile::Dockerfile;

use super::{Found, Remedy, Subject};
use crate::analysis::build_packages::{installed, is_for_building, removed};
use crate::analysis::final_stage::{is_runtime, runs, start_words};
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_uses::chain;

/// Programs that compile, or that install what may have to be compiled.
const COMPILES: [&str; 27] = [
    "bundle",
    "c++",
    "cargo",
    "cc",
    "cmake",
    "configure",
    "docker-php-ext-install",
    "dotnet",
    "g++",
    "gcc",
    "gem",
    "go",
    "gradle",
    "gradlew",
    "make",
    "mvn",
    "mvnw",
    "ninja",
    "npm",
    "pecl",
    "pip",
    "pip3",
    "pnpm",
    "poetry",
    "python3",
    "uv",
    "yarn",
];

/// Images that are for building, and the programs that they are used for.
/// Source: the descriptions of the images at <https://hub.docker.com>.
const BUILD_IMAGES: [(&str, &[&str]); 7] = [
    ("gcc", &["gcc", "g++", "make", "cmake"]),
    ("golang", &["go"]),
    ("gradle", &["gradle", "gradlew"]),
    ("maven", &["mvn", "mvnw"]),
    ("rust", &["cargo", "rustc"]),
    ("sdk", &["dotnet"]),
    ("swift", &["swift"]),
];

/// Packages that a step installs and leaves.
struct Kept {
    line: u32,
    packages: Vec<String>,
    /// The line of a later step that removes one of them, which frees nothing.
    removed_in: Option<u32>,
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    if dockerfile.stages.is_empty() || !is_runtime(dockerfile) {
        return Vec::new();
    }
    let mut found: Vec<_> = kept(dockerfile)
        .iter()
        .filter_map(|kept| packages(dockerfile, kept))
        .collect();
    found.extend(base(dockerfile));
    found
}

/// The steps of the image that leave packages for building in it.
fn kept(dockerfile: &Dockerfile) -> Vec<Kept> {
    let mut kept: Vec<Kept> = Vec::new();
    for (instruction, run) in runs(dockerfile) {
        let commands = run_commands(run);
        let gone: Vec<&str> = commands.iter().flat_map(removed).collect();
        for earlier in &mut kept {
            let is_gone = earlier
                .packages
                .iter()
                .any(|package| gone.contains(&package.as_str()));
            if is_gone {
                earlier.removed_in.get_or_insert(instruction.line);
            }
        }
        let left = commands
            .iter()
            .filter_map(installed)
            .filter(|it| !it.group.is_some_and(|group| gone.contains(&group)))
            .flat_map(|it| it.packages)
            .filter(|package| is_for_building(package) && !gone.contains(package));
        let packages: Vec<_> = left.map(str::to_owned).collect();
        // A step that cleans up by itself may name them in a variable.
        let cleans = run.command.contains("autoremove") || run.command.contains('$');
        if !packages.is_empty() && (!cleans || gone.is_empty()) {
            kept.push(Kept {
                line: instruction.line,
                packages,
                removed_in: None,
            });
        }
    }
    kept
}

fn packages(dockerfile: &Dockerfile, kept: &Kept) -> Option<Found> {
    let starts = start_words(dockerfile);
    let is_started = kept
        .packages
        .iter()
        .any(|package| starts.contains(&package.as_str()));
    let user = user(dockerfile, kept.line)?;
    if is_started {
        return None;
    }
    let names: Vec<_> = kept
        .packages
        .iter()
        .map(|package| format!("`{package}`"))
        .collect();
    let names = names.join(", ");
    let message = match kept.removed_in {
        Some(line) => format!(
            "the layer of this step keeps {names} in the image: that line {line} removes them frees \
             nothing"
        ),
        None => format!("the image keeps {names}, which are for building, for `{user}` alone"),
    };
    Some(finding(kept.line, message))
}

/// The command at or after a line that compiles.
fn user(dockerfile: &Dockerfile, line: u32) -> Option<String> {
    let runs = runs(dockerfile)
        .into_iter()
        .filter(|(it, _)| it.line >= line);
    let mut commands = runs.flat_map(|(_, run)| run_commands(run));
    let command = commands.find(|command| COMPILES.contains(&command.program.as_str()))?;
    Some(shown(&command))
}

/// The program and its first argument that is no flag.
fn shown(command: &Command) -> String {
    let verb = command.arguments.iter().find(|it| !it.starts_with('-'));
    match verb {
        Some(verb) => format!("{} {verb}", command.program),
        None => command.program.clone(),
    }
}

fn finding(line: u32, message: String) -> Found {
    let advice = "build in a stage of its own that has them, and copy what it makes out of it";
    let why = "which files the program needs to run is not known";
    Found {
        remedy: Remedy::Withheld(why.to_owned()),
        ..Found::new(line, message, advice.to_owned())
    }
}

/// A base that is for building, with which the image itself compiles.
fn base(dockerfile: &Dockerfile) -> Option<Found> {
    let bottom = *chain(dockerfile, dockerfile.stages.len() - 1).last()?;
    let stage = &dockerfile.stages[bottom];
    let repository = stage.base.split(['@', ':']).next().unwrap_or_default();
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let (_, tools) = BUILD_IMAGES.iter().find(|(image, _)| *image == name)?;
    let starts = start_words(dockerfile);
    let commands = runs(dockerfile)
        .into_iter()
        .flat_map(|(_, run)| run_commands(run));
    let builds: Vec<_> = commands
        .filter(|command| tools.contains(&command.program.as_str()))
        .filter(makes_program)
        .collect();
    let is_started = tools.iter().any(|tool| starts.contains(tool));
    if builds.is_empty() || is_started {
        return None;
    }
    let message = format!(
        "the image starts from `{}`, which is for building, for `{}` alone",
        stage.base,
        shown(&builds[0])
    );
    Some(finding(stage.line, message))
}

/// Whether a command makes a program that runs without the tool.
fn makes_program(command: &Command) -> bool {
    let verbs = [
        "build", "install", "package", "publish", "verify", "assemble", "bootJar",
    ];
    let compilers = ["gcc", "g++", "make", "cmake", "rustc"];
    compilers.contains(&command.program.as_str())
        || command
            .arguments
            .iter()
            .any(|it| verbs.contains(&it.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, withheld};
    use super::*;

    const KEPT: &str = "\
FROM python:3.12-slim
RUN apt-get update && apt-get install -y build-essential libpq-dev curl
COPY requirements.txt .
RUN pip install -r requirements.txt
CMD [\"gunicorn\"]
";

    #[test]
    fn compilers_that_stay_are_found_with_what_they_are_for() {
        let found = found(check, KEPT);
        let message = "the image keeps `build-essential`, `libpq-dev`, which are for building, for \
                       `pip install` alone";
        assert_eq!((found[0].line, found[0].message.as_str()), (2, message));
        let why = "which files the program needs to run is not known";
        assert_eq!(withheld(check, KEPT, &[]), [why]);
    }

    #[test]
    fn what_a_later_step_removes_stays() {
        let text = KEPT.replace("CMD", "RUN apt-get purge -y build-essential\nCMD");
        let message = "the layer of this step keeps `build-essential`, `libpq-dev` in the image: that \
                       line 5 removes them frees nothing";
        assert_eq!(found(check, &text)[0].message, message);
    }

    #[test]
    fn what_goes_in_the_step_that_installs_it_is_not_kept() {
        for run in [
            "apk add --virtual .deps gcc musl-dev && pip install a && apk del .deps",
            "apt-get install -y gcc && pip install a && apt-get purge -y gcc",
            "buildDeps='gcc make' && apt-get install -y $buildDeps && make && apt-get purge $buildDeps",
        ] {
            let text = format!("FROM a\nRUN {run}\nCMD [\"x\"]\n");
            assert!(found(check, &text).is_empty(), "{run}");
        }
    }

    #[test]
    fn images_for_building_and_builder_stages_are_left_alone() {
        for text in [
            "FROM a\nRUN apk add gcc\nRUN pip install b\n".to_owned(),
            KEPT.replace("FROM python:3.12-slim", "FROM python:3.12-slim AS dev"),
            "FROM a\nRUN apk add make\nRUN make deps\nCMD [\"make\", \"run\"]\n".to_owned(),
            "FROM a\nRUN apk add gcc\nCMD [\"x\"]\n".to_owned(),
            "FROM a AS b\nRUN apk add gcc && make\nFROM c\nCOPY --from=b /x /\nCMD [\"/x\"]\n"
                .to_owned(),
        ] {
            assert!(found(check, &text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_base_for_building_is_found_unless_the_image_starts_its_tool() {
        let text = "FROM golang:1.22 AS app\nCOPY . .\nRUN go build -o /app\nCMD [\"/app\"]\n";
        assert_eq!(lines(check, text), [1]);
        assert_eq!(
            lines(
                check,
                "FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet publish\nCMD [\"/x\"]\n"
            ),
            [1]
        );
        assert!(found(check, &text.replace("\"/app\"", "\"go\", \"run\", \".\"")).is_empty());
        assert!(found(check, "FROM golang:1.22\nRUN go env\nCMD [\"/app\"]\n").is_empty());
    }
}
