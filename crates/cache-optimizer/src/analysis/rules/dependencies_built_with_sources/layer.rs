//! Puts a step that downloads the dependencies, with the files that it needs, before the sources.

use common::dockerfile::{Detail, Flag, Instruction};
use std::collections::BTreeMap;

use super::places::{self, Place};
use super::references::{is_kept, taken_from};
use super::restore::restore;
use super::{Build, Tool};
use crate::analysis::install::Install;
use crate::analysis::install_inputs::{self, Project};
use crate::analysis::rules::Subject;
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell;
use crate::model::edit::{Edit, EditedFile};

/// Programs that may run before the build in its step, as they change nothing that a download needs.
const HARMLESS: [&str; 6] = ["echo", "mkdir", "set", "touch", "true", "go"];

/// Words that show that a step sets up its downloads itself.
const SETS_UP: [&str; 9] = [
    "GO111MODULE",
    "GOFLAGS",
    "GOINSECURE",
    "GOMODCACHE",
    "GONO",
    "GOPATH",
    "GOPR",
    "GOSUMDB",
    "NUGET_",
];

/// The edits that add the step.
///
/// # Errors
///
/// Why that is not known to be safe.
pub(super) fn edits(subject: &Subject<'_>, build: &Build<'_>) -> Result<Vec<Edit>, String> {
    check_between(subject, build)?;
    check_step(build)?;
    check_image(subject, build)?;
    let place = places::place(subject, build)?;
    let files = &subject.recipe.context.files;
    let (tool, download) = match build.tool {
        Tool::Dotnet => ("dotnet", restore(build.command)?),
        _ => ("go", "go mod download".to_owned()),
    };
    let install = Install {
        tool,
        manifests: Vec::new(),
        only_with: None,
    };
    let command = shell::commands(&download);
    let command = command.first().unwrap_or(build.command);
    let project = Project {
        dir: &place.dir,
        files,
        command,
    };
    let inputs = install_inputs::inputs(&install, project)?;
    let mut lines = copy_lines(subject, build, &inputs.paths)?;
    lines.push(run_line(subject, build, &place, &download)?);
    Ok(vec![Edit {
        file: EditedFile::Dockerfile,
        line: line_above(subject, build.copied),
        removed_count: 0,
        lines,
    }])
}

/// The line of an instruction, or of the comments right above it.
pub(super) fn line_above(subject: &Subject<'_>, (stage, index): (usize, usize)) -> u32 {
    let instructions = &subject.recipe.dockerfile.stages[stage].instructions;
    let first = match index {
        0 => subject.recipe.dockerfile.stages[stage].line,
        index => instructions[index - 1].end_line,
    };
    let lines: Vec<&str> = subject.recipe.text.lines().collect();
    let mut line = instructions[index].line;
    let is_comment = |line: u32| {
        let text = lines.get(line as usize - 1);
        text.is_some_and(|text| text.trim_start().starts_with('#'))
    };
    while line - 1 > first && is_comment(line - 1) {
        line -= 1;
    }
    line
}

/// Nothing between the sources and the build may change what a download needs.
fn check_between(subject: &Subject<'_>, build: &Build<'_>) -> Result<(), String> {
    if build.copied.0 != build.stage {
        return Err("the sources are copied in another stage".to_owned());
    }
    let instructions = &subject.recipe.dockerfile.stages[build.stage].instructions;
    for instruction in &instructions[build.copied.1 + 1..build.run_index] {
        let refuses = match (&instruction.detail, instruction.keyword.as_str()) {
            // What goes there may be a tool's settings or someone's credentials.
            (Detail::Copy(copy) | Detail::Add(copy), _) => {
                let mut folders = ["/etc", "/home", "/root", "/usr", "~"].iter();
                folders.any(|folder| copy.destination.starts_with(folder))
            }
            (
                _,
                "CMD" | "ENTRYPOINT" | "EXPOSE" | "HEALTHCHECK" | "LABEL" | "STOPSIGNAL"
                | "WORKDIR",
            ) => false,
            // A variable of any name may be a property of a project.
            (Detail::Env(pairs), _) => {
                build.tool == Tool::Dotnet || pairs.iter().any(|(name, _)| is_setting(name))
            }
            (Detail::Arg(args), _) => {
                build.tool == Tool::Dotnet || args.iter().any(|arg| is_setting(&arg.name))
            }
            _ => true,
        };
        if refuses {
            return Err(format!(
                "`{}` in line {} stands between the sources and the build, which the download may need",
                instruction.text, instruction.line
            ));
        }
    }
    Ok(())
}

fn is_setting(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SETS_UP.iter().any(|start| name.starts_with(start))
        || name.ends_with("_PROXY")
        || matches!(name.as_str(), "HOME" | "PATH" | "NETRC")
}

fn check_step(build: &Build<'_>) -> Result<(), String> {
    if build.run.is_exec_form {
        return Err("the step has no shell".to_owned());
    }
    if let Some(word) = SETS_UP
        .iter()
        .find(|word| build.run.command.contains(*word))
    {
        return Err(format!("the step sets `{word}` up itself"));
    }
    let commands = run_commands(build.run);
    let before = commands
        .iter()
        .take_while(|command| *command != build.command);
    let mut before = before.filter(|command| command.program != "cd");
    match before.find(|command| !HARMLESS.contains(&command.program.as_str())) {
        Some(command) => Err(format!(
            "`{}` runs in the same step before the build, and the download may need it",
            super::shown(command)
        )),
        None => Ok(()),
    }
}

/// `go mod download` also takes modules that only tests need, which must not come into the image.
fn check_image(subject: &Subject<'_>, build: &Build<'_>) -> Result<(), String> {
    let dockerfile = &subject.recipe.dockerfile;
    let takes_modules = |path: &&str| {
        let path = path.trim_end_matches('/');
        matches!(path, "" | "/go" | "/root")
            || path.starts_with("/go/pkg")
            || path.starts_with("/root/go")
    };
    let is_taken = taken_from(dockerfile, build.stage)
        .iter()
        .any(takes_modules);
    if build.tool == Tool::Go && (is_taken || is_kept(dockerfile, build.stage)) {
        return Err(
            "`go mod download` also takes modules that only tests need, and the image would keep them"
                .to_owned(),
        );
    }
    Ok(())
}

/// One `COPY` for each folder of what is needed and not there yet.
fn copy_lines(
    subject: &Subject<'_>,
    build: &Build<'_>,
    paths: &[String],
) -> Result<Vec<String>, String> {
    let mut by_folder: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let files = &subject.recipe.context.files;
    for path in paths {
        if path.contains(|c: char| c.is_whitespace() || "*?[]\\$\"'#".contains(c)) {
            return Err(format!("the name of `{path}` would have to be escaped"));
        }
        let destination = places::destination(subject, build, path)?;
        let Some(destination) = destination else {
            continue;
        };
        let folder = if files.folders.contains(path) {
            destination
        } else {
            let end = destination.rfind('/').map_or(0, |at| at + 1);
            let (folder, name) = destination.split_at(end);
            if path.rsplit('/').next() != Some(name) {
                return Err(format!("`{path}` gets another name"));
            }
            (if folder.is_empty() { "./" } else { folder }).to_owned()
        };
        by_folder.entry(folder).or_default().push(path);
    }
    let word = Words::of(subject, build.copied_at(subject));
    let flags = carried_flags(&build.copied_at(subject).detail)?;
    let line = |(folder, sources): (&String, &Vec<&str>)| {
        let start = word.start("COPY");
        format!(
            "{start}{flags}{} {}/",
            sources.join(" "),
            folder.trim_end_matches('/')
        )
    };
    Ok(by_folder.iter().map(line).collect())
}

fn carried_flags(detail: &Detail) -> Result<String, String> {
    let (Detail::Copy(copy) | Detail::Add(copy)) = detail else {
        return Ok(String::new());
    };
    let mut text = String::new();
    for flag in &copy.flags {
        match flag.name.as_str() {
            "chmod" | "chown" => text.push_str(&flag_text(flag)?),
            "link" => {}
            name => return Err(format!("the sources are copied with `--{name}`")),
        }
    }
    Ok(text)
}

fn flag_text(flag: &Flag) -> Result<String, String> {
    let value = flag.value.as_deref().unwrap_or_default();
    if value.contains(char::is_whitespace) || value.contains(['"', '\'']) {
        return Err(format!("`--{}` has a value in quotes", flag.name));
    }
    Ok(format!("--{}={value} ", flag.name))
}

fn run_line(
    subject: &Subject<'_>,
    build: &Build<'_>,
    place: &Place,
    download: &str,
) -> Result<String, String> {
    let word = Words::of(subject, build.run_at(subject));
    let mut line = word.start("RUN");
    for flag in &build.run.flags {
        let is_secret = build
            .run
            .mounts
            .iter()
            .all(|mount| matches!(mount.kind.as_str(), "secret" | "ssh"));
        if flag.name == "mount" && !is_secret {
            return Err("the step has a mount that the download may need".to_owned());
        }
        line.push_str(&flag_text(flag)?);
    }
    if let Some(folder) = &place.change {
        line.extend(["cd ", folder, " && "]);
    }
    line.push_str(download);
    Ok(line)
}

/// How an instruction is written: what stands before its keyword, whether that is in small letters,
/// and the blanks after it.
struct Words<'a> {
    indent: &'a str,
    is_small: bool,
    gap: &'a str,
}

impl<'a> Words<'a> {
    fn of(subject: &Subject<'a>, instruction: &Instruction) -> Self {
        let line = subject
            .recipe
            .text
            .lines()
            .nth(instruction.line as usize - 1);
        let line = line.unwrap_or_default();
        let rest = line.trim_start();
        let keyword_len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let after = &rest[keyword_len..];
        let gap = &after[..after.len() - after.trim_start().len()];
        Self {
            indent: &line[..line.len() - rest.len()],
            is_small: rest.starts_with(char::is_lowercase),
            gap: if gap.is_empty() { " " } else { gap },
        }
    }

    fn start(&self, keyword: &str) -> String {
        let keyword = if self.is_small {
            keyword.to_lowercase()
        } else {
            keyword.to_owned()
        };
        format!("{}{keyword}{}", self.indent, self.gap)
    }
}
