//! Lets cargo-chef compile the dependencies in a step of their own, by splitting the stage that builds
//! in three: what comes before the sources, the plan, and the build.
//!
//! Never the trick with a `main.rs` that does nothing: cargo compares times, and may take the program
//! made of that for the right one. Source: <https://github.com/docker/buildx/issues/554>

use common::dockerfile::{Copy, Detail, Run, Stage};

use super::Build;
use super::references::{is_kept, references, taken_from};
use crate::analysis::rules::Subject;
use crate::analysis::run_commands::run_commands;
use crate::model::edit::{Edit, EditedFile};

/// The stages that are made. Source: <https://github.com/LukeMathWalker/cargo-chef#how-to-use>
const CHEF: &str = "chef";
const PLANNER: &str = "planner";

/// Flags of `cargo build` that decide what is compiled, which `cargo chef cook` has too, and whether
/// each has a value. Source: `cargo chef cook --help`, version 0.1.77.
const SAME_FLAGS: [(&str, bool); 8] = [
    ("--features", true),
    ("--no-default-features", false),
    ("--package", true),
    ("--profile", true),
    ("--release", false),
    ("--target", true),
    ("--workspace", false),
    ("-p", true),
];

/// Flags that change nothing of the dependencies, and whether each has a value.
const OTHER_FLAGS: [(&str, bool); 10] = [
    ("--bin", true),
    ("--bins", false),
    ("--color", true),
    ("--jobs", true),
    ("--locked", false),
    ("--quiet", false),
    ("--verbose", false),
    ("-j", true),
    ("-q", false),
    ("-v", false),
];

pub(super) fn advice(subject: &Subject<'_>, build: &Build<'_>) -> String {
    let dockerfile = &subject.recipe.dockerfile;
    let flags = cook_flags(build).unwrap_or_default();
    let workdir = subject.states[build.stage][build.run_index].workdir.clone();
    let workdir = workdir.unwrap_or_else(|| "/app".to_owned());
    format!(
        "compile them in a step of their own with cargo-chef: in a stage on `{}` with `WORKDIR \
         {workdir}`, `RUN cargo install cargo-chef --locked`; in a second stage on top of it, `COPY . .` \
         and `RUN cargo chef prepare --recipe-path recipe.json`; in the stage that builds, on top of the \
         first too and before line {}, `COPY --from=planner {}/recipe.json recipe.json` and `RUN cargo \
         chef cook{flags} --recipe-path recipe.json`; or give the step cache mounts for the registry and \
         `target`, and copy the program out of the latter in the same step",
        dockerfile.stages[build.stage].base,
        build.copied_at(subject).line,
        workdir.trim_end_matches('/'),
    )
}

/// The flags of the build that decide what is compiled, each after a blank.
fn cook_flags(build: &Build<'_>) -> Result<String, String> {
    let mut flags = Vec::new();
    let mut arguments = build.command.arguments.iter();
    if arguments.next().map(String::as_str) != Some("build") {
        return Err(format!(
            "`{}` is not `cargo build`",
            super::shown(build.command)
        ));
    }
    let mut packages = 0;
    while let Some(argument) = arguments.next() {
        let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
        let is_named = |(flag, _): &&(&str, bool)| *flag == name;
        let name = if name == "-r" { "--release" } else { name };
        let same = SAME_FLAGS.iter().find(|(flag, _)| *flag == name);
        let Some((_, has_value)) = same.or_else(|| OTHER_FLAGS.iter().find(is_named)) else {
            return Err(format!(
                "what `{argument}` means for the dependencies is not known"
            ));
        };
        let value = match (has_value, argument.contains('=')) {
            (true, false) => arguments.next().map_or("", String::as_str),
            _ => value,
        };
        if value.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_,./".contains(c)) {
            return Err(format!("what `{name} {value}` stands for is not known"));
        }
        packages += usize::from(matches!(name, "-p" | "--package"));
        if same.is_some() {
            flags.extend([" ", name]);
            if *has_value {
                flags.extend([" ", value]);
            }
        }
    }
    // Older versions of cargo-chef take one alone.
    if packages > 1 {
        return Err("the build names more than one package".to_owned());
    }
    Ok(flags.concat())
}

/// The edits that split the stage.
///
/// # Errors
///
/// Why that is not known to be safe.
pub(super) fn edits(subject: &Subject<'_>, build: &Build<'_>) -> Result<Vec<Edit>, String> {
    check_chef(subject, build)?;
    let copy = check_steps(subject, build)?;
    check_stage(subject, build)?;
    let flags = cook_flags(build)?;
    let workdir = check_workdir(subject, build, copy)?;
    check_leftovers(subject, build, &workdir)?;
    let stage = &subject.recipe.dockerfile.stages[build.stage];
    let name = stage.name.as_deref().ok_or("the stage has no name")?;
    let line = |line: u32| subject.recipe.text.lines().nth(line as usize - 1);
    let from = line(stage.line).ok_or("the stage's `FROM` is not known")?;
    let start = from.trim_end().strip_suffix(name);
    let start = start.ok_or("`FROM` does not end with the stage's name")?;
    let copied = build.copied_at(subject);
    let copy_line = line(copied.line).unwrap_or_default();
    let keyword = |upper: &str| {
        if copy_line.trim_start().starts_with("copy") {
            upper.to_lowercase()
        } else {
            upper.to_owned()
        }
    };
    let [from_word, as_word, copy_word, run_word] = ["FROM", "AS", "COPY", "RUN"].map(keyword);
    let recipe = format!("{}/recipe.json", workdir.trim_end_matches('/'));
    let lines = vec![
        String::new(),
        format!("{from_word} {CHEF} {as_word} {PLANNER}"),
        copy_line.to_owned(),
        format!("{run_word} cargo chef prepare --recipe-path recipe.json"),
        String::new(),
        format!("{from_word} {CHEF} {as_word} {name}"),
        format!("{copy_word} --from={PLANNER} {recipe} recipe.json"),
        format!("{run_word} cargo chef cook{flags} --recipe-path recipe.json"),
    ];
    Ok(vec![
        Edit {
            file: EditedFile::Dockerfile,
            line: stage.line,
            removed_count: 1,
            lines: vec![format!("{start}{CHEF}")],
        },
        Edit {
            file: EditedFile::Dockerfile,
            line: super::layer::line_above(subject, build.copied),
            removed_count: 0,
            lines,
        },
    ])
}

/// Whether cargo-chef is there before the sources are.
fn check_chef(subject: &Subject<'_>, build: &Build<'_>) -> Result<(), String> {
    let dockerfile = &subject.recipe.dockerfile;
    let (mut index, mut end) = build.copied;
    loop {
        let stage = &dockerfile.stages[index];
        if installs_chef(stage, end) {
            return Ok(());
        }
        match dockerfile.stage_index(&stage.base, index) {
            Some(base) => {
                index = base;
                end = dockerfile.stages[base].instructions.len();
            }
            None if stage.base.contains("cargo-chef") => return Ok(()),
            None => {
                return Err(format!(
                    "cargo-chef is not known to be in `{}`, and no step before the sources installs it",
                    stage.base
                ));
            }
        }
    }
}

fn installs_chef(stage: &Stage, end: usize) -> bool {
    let runs = stage.instructions[..end]
        .iter()
        .filter_map(|i| match &i.detail {
            Detail::Run(run) => Some(run),
            _ => None,
        });
    runs.flat_map(run_commands).any(|command| {
        let mut arguments = command.arguments.iter();
        command.program == "cargo"
            && arguments
                .next()
                .is_some_and(|verb| matches!(verb.as_str(), "install" | "binstall"))
            && arguments.any(|a| a == "cargo-chef" || a.starts_with("cargo-chef@"))
    })
}

/// The `COPY` that takes all sources, right before a step that does nothing before it builds.
fn check_steps<'a>(subject: &Subject<'a>, build: &Build<'_>) -> Result<&'a Copy, String> {
    let copied = build.copied_at(subject);
    if build.copied.0 != build.stage {
        return Err("the sources are copied in another stage".to_owned());
    }
    if build.copied.1 + 1 != build.run_index {
        let next = &subject.recipe.dockerfile.stages[build.stage].instructions[build.copied.1 + 1];
        return Err(format!(
            "`{}` stands between the sources and the build",
            next.keyword
        ));
    }
    let Run {
        flags,
        command,
        is_exec_form,
        ..
    } = build.run;
    if !flags.is_empty() || *is_exec_form || !command.trim_start().starts_with("cargo build") {
        return Err("the step is more than `cargo build`".to_owned());
    }
    match &copied.detail {
        Detail::Copy(copy) | Detail::Add(copy) if matches!(copy.sources.as_slice(), [source] if matches!(source.as_str(), "." | "./")) => {
            Ok(copy)
        }
        _ => Err(format!("`{}` does not take the whole context", copied.text)),
    }
}

/// Whether splitting the stage changes what any other instruction means.
fn check_stage(subject: &Subject<'_>, build: &Build<'_>) -> Result<(), String> {
    let dockerfile = &subject.recipe.dockerfile;
    let stage = &dockerfile.stages[build.stage];
    let is_arg = |detail: &Detail| matches!(detail, Detail::Arg(_) | Detail::Onbuild(_));
    if let Some(arg) = stage.instructions[..build.copied.1]
        .iter()
        .find(|i| is_arg(&i.detail))
    {
        return Err(format!(
            "`{}` in line {} counts for one stage only",
            arg.text, arg.line
        ));
    }
    for name in dockerfile
        .stages
        .iter()
        .filter_map(|stage| stage.name.as_deref())
    {
        if name.eq_ignore_ascii_case(CHEF) || name.eq_ignore_ascii_case(PLANNER) {
            return Err(format!("a stage is named `{name}` already"));
        }
    }
    if references(dockerfile).any(|(_, name)| name.parse::<usize>().is_ok()) {
        return Err("a stage is named by its number, which would change".to_owned());
    }
    Ok(())
}

fn check_workdir(subject: &Subject<'_>, build: &Build<'_>, copy: &Copy) -> Result<String, String> {
    let state = &subject.states[build.stage][build.run_index];
    let escape = subject.recipe.dockerfile.escape;
    let workdir = state
        .workdir
        .clone()
        .ok_or("the working directory is not known")?;
    if state.absolute(&copy.destination, escape).as_ref() != Some(&workdir) {
        return Err("the sources are not copied into the working directory".to_owned());
    }
    Ok(workdir)
}

/// The recipe, and what compiled dependencies leave behind, must not come into the image.
fn check_leftovers(subject: &Subject<'_>, build: &Build<'_>, workdir: &str) -> Result<(), String> {
    let files = &subject.recipe.context.files;
    if files.folders.contains("target") {
        return Err(
            "`target` is in the context, and would be copied over what was compiled".to_owned(),
        );
    }
    if is_kept(&subject.recipe.dockerfile, build.stage) {
        return Err(
            "the image is made of the stage that builds, and would keep the recipe".to_owned(),
        );
    }
    let dockerfile = &subject.recipe.dockerfile;
    for path in taken_from(dockerfile, build.stage) {
        let path = path.trim_end_matches('/');
        if workdir.starts_with(path)
            && matches!(workdir[path.len()..].chars().next(), None | Some('/'))
        {
            return Err(format!(
                "another stage takes `{path}/` with the recipe in it"
            ));
        }
    }
    Ok(())
}
