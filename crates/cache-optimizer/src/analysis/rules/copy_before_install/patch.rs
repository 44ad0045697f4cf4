//! Writes the patch: lines for the manifests in the place of each instruction that waits, and these
//! instructions after the install.

use common::dockerfile::{Flag, Instruction, Run};
use std::collections::BTreeMap;

use super::commands::Commands;
use super::placement::image_path;
use super::site::Copying;
use crate::analysis::shell::Command;
use crate::analysis::shell::chain::plain_chain;
use crate::analysis::stage_state::State;
use crate::model::edit::{Edit, EditedFile};
use crate::model::recipe::Recipe;

/// An instruction that waits for the install.
#[derive(Debug)]
pub(super) struct Moving<'a> {
    pub(super) copying: &'a Copying<'a>,
    /// What of it the install reads: the paths in the context and in the image, and whether it is a
    /// folder.
    pub(super) reads: Vec<(String, String, bool)>,
}

/// What the patch is made from.
pub(super) struct Parts<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) moving: &'a [Moving<'a>],
    pub(super) run_at: &'a Instruction,
    pub(super) run: &'a Run,
    pub(super) run_state: &'a State,
    pub(super) commands: &'a Commands,
    /// The commands that are written anew for an install before the sources, by index.
    pub(super) narrowed: &'a [(usize, &'a Command, &'a str)],
}

/// The edits of a patch, in the order of their lines.
///
/// # Errors
///
/// What cannot be written another way.
pub(super) fn edits(parts: &Parts<'_>) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    let mut moved = Vec::new();
    for moving in parts.moving {
        let instruction = moving.copying.instruction;
        edits.push(edit(
            instruction.line,
            line_count(instruction),
            manifest_lines(parts, moving)?,
        ));
        moved.extend(relocated(parts, moving.copying)?);
    }
    edits.push(install_edit(parts, moved)?);
    Ok(edits)
}

fn edit(line: u32, removed_count: u32, lines: Vec<String>) -> Edit {
    Edit {
        file: EditedFile::Dockerfile,
        line,
        removed_count,
        lines,
    }
}

fn line_count(instruction: &Instruction) -> u32 {
    instruction.end_line - instruction.line + 1
}

/// The lines of an instruction, as written.
fn lines<'a>(recipe: &'a Recipe, instruction: &Instruction) -> Vec<&'a str> {
    let skipped = instruction.line.saturating_sub(1) as usize;
    let lines = recipe.text.lines().skip(skipped);
    lines.take(line_count(instruction) as usize).collect()
}

/// What copies the manifests: one line for each folder that files go to, and for each folder.
fn manifest_lines(parts: &Parts<'_>, moving: &Moving<'_>) -> Result<Vec<String>, String> {
    let copying = moving.copying;
    let placement = copying.placement.as_ref();
    let root = placement.map_or("", |placement| placement.destination.trim_end_matches('/'));
    let mut by_folder: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut folders = Vec::new();
    for (path, image, is_folder) in &moving.reads {
        let below = image
            .strip_prefix(root)
            .unwrap_or(image)
            .trim_start_matches('/');
        if *is_folder {
            folders.push((below.to_owned(), path.as_str()));
        } else {
            let folder = below.rsplit_once('/').map_or("", |(folder, _)| folder);
            by_folder.entry(folder.to_owned()).or_default().push(path);
        }
    }
    let files = by_folder.into_iter();
    let groups = files.chain(folders.into_iter().map(|(below, path)| (below, vec![path])));
    let start = start_of_copy(parts, copying);
    groups
        .map(|(folder, paths)| {
            let destination = destination(&copying.copy.destination, &folder);
            let quoted = paths.iter().copied().chain([destination.as_str()]);
            let is_variable = |word: &&str| *word != destination && word.contains('$');
            let mut quoted = quoted.into_iter();
            if let Some(word) = quoted.find(|word| !is_plain(word) || is_variable(word)) {
                return Err(format!("`{word}` would have to be quoted"));
            }
            Ok(format!("{start} {} {destination}", paths.join(" ")))
        })
        .collect()
}

/// Indentation, keyword and flags, as those of the instruction that copied all.
fn start_of_copy(parts: &Parts<'_>, copying: &Copying<'_>) -> String {
    let first = lines(parts.recipe, copying.instruction);
    let first = first.first().copied().unwrap_or_default();
    let (indent, keyword) = indent_and_keyword(first);
    let is_lower = keyword.chars().all(|c| c.is_ascii_lowercase());
    let keyword = if is_lower { "copy" } else { "COPY" };
    let words = copying.instruction.text.split_whitespace().skip(1);
    let flags = words.take_while(|word| word.starts_with("--"));
    let mut start = format!("{indent}{keyword}");
    for flag in flags {
        start.push(' ');
        start.push_str(flag);
    }
    start
}

fn indent_and_keyword(line: &str) -> (&str, &str) {
    let content = line.trim_start();
    let indent = &line[..line.len() - content.len()];
    (
        indent,
        content.split_whitespace().next().unwrap_or_default(),
    )
}

/// A folder below a destination, as it is written.
fn destination(written: &str, folder: &str) -> String {
    let base = written.trim_end_matches('/');
    if folder.is_empty() {
        format!("{base}/")
    } else {
        format!("{base}/{folder}/")
    }
}

fn is_plain(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-+@/${}:".contains(c);
    word.chars().all(is_plain)
}

/// An instruction as it is written after the install.
fn relocated(parts: &Parts<'_>, copying: &Copying<'_>) -> Result<Vec<String>, String> {
    let escape = parts.recipe.dockerfile.escape;
    let line = copying.instruction.line;
    let flag_values = copying
        .copy
        .flags
        .iter()
        .filter_map(|flag: &Flag| flag.value.as_deref());
    let sources = copying.copy.sources.iter().map(String::as_str);
    for word in sources.chain(flag_values) {
        let before = copying.state.expand(word, escape);
        if before.is_none() || before != parts.run_state.expand(word, escape) {
            return Err(format!(
                "`{word}` in line {line} may mean something else after it"
            ));
        }
    }
    let written = lines(parts.recipe, copying.instruction);
    let destination = &copying.copy.destination;
    let before = image_path(copying.state, destination, escape);
    if before == image_path(parts.run_state, destination, escape) {
        return Ok(written.into_iter().map(str::to_owned).collect());
    }
    let unknown = || format!("the destination in line {line} would be another one after it");
    let absolute = before.filter(|path| !path.starts_with(super::placement::UNKNOWN_DIR));
    match (absolute, written.as_slice()) {
        (Some(path), [only]) if only.ends_with(&format!(" {destination}")) => {
            let kept = &only[..only.len() - destination.len()];
            let end = if path == "/" { "" } else { "/" };
            Ok(vec![format!("{kept}{path}{end}")])
        }
        _ => Err(unknown()),
    }
}

/// The install with the instructions that waited for it.
fn install_edit(parts: &Parts<'_>, moved: Vec<String>) -> Result<Edit, String> {
    let instruction = parts.run_at;
    if !parts.narrowed.is_empty() {
        let mut lines = vec![narrowed_run(parts)?];
        lines.extend(moved);
        return Ok(edit(instruction.line, 0, lines));
    }
    let Some(rest) = parts.commands.rest else {
        return Ok(edit(instruction.end_line + 1, 0, moved));
    };
    let script = script(parts)?;
    // The rest begins where the install began.
    let is_cd = |index: &usize| parts.commands.all[*index].program == "cd";
    let start = (0..rest).take_while(is_cd).count();
    if (start..rest).any(|index| is_cd(&index)) {
        return Err(not_a_chain(parts));
    }
    let ranges = &script.commands;
    let install_end = ranges[rest - 1].end;
    let cds = &script.text[ranges[0].start..ranges[start].start];
    let first = format!("{}{}", script.start, &script.text[..install_end]);
    let second = format!(
        "{}{cds}{}",
        script.start,
        &script.text[ranges[rest].start..]
    );
    let mut lines: Vec<String> = first.lines().map(str::to_owned).collect();
    lines.extend(moved);
    lines.extend(second.lines().map(str::to_owned));
    Ok(edit(instruction.line, line_count(instruction), lines))
}

/// A `RUN` with the commands up to the last install, written so that they need no sources. The one
/// that is there stays as it is, and finds most of its work done.
fn narrowed_run(parts: &Parts<'_>) -> Result<String, String> {
    let script = script(parts)?;
    let end = parts.commands.rest.unwrap_or(script.commands.len());
    let mut texts = Vec::new();
    for (index, range) in script.commands.iter().enumerate().take(end) {
        let words: Vec<&str> = script.text[range.clone()]
            .split_whitespace()
            .filter(|word| *word != "\\")
            .collect();
        let text = words.join(" ");
        let narrowed = parts.narrowed.iter().find(|(of, _, _)| *of == index);
        let Some((_, command, narrowed)) = narrowed else {
            texts.push(text);
            continue;
        };
        let mut words = vec![command.program.as_str()];
        words.extend(command.arguments.iter().map(String::as_str));
        let kept = text.strip_suffix(&words.join(" "));
        let kept = kept.ok_or_else(|| format!("`{text}` has quotes or signs of the shell"))?;
        texts.push(format!("{kept}{narrowed}"));
    }
    let start: Vec<&str> = script
        .start
        .split_whitespace()
        .filter(|word| *word != "\\")
        .collect();
    let written = lines(parts.recipe, parts.run_at);
    let (indent, _) = indent_and_keyword(written.first().copied().unwrap_or_default());
    Ok(format!(
        "{indent}{} {}",
        start.join(" "),
        texts.join(" && ")
    ))
}

/// The script of a `RUN`, as written.
struct Script {
    /// Keyword and flags, up to the first command.
    start: String,
    text: String,
    /// The places of its commands.
    commands: Vec<std::ops::Range<usize>>,
}

fn script(parts: &Parts<'_>) -> Result<Script, String> {
    let written = lines(parts.recipe, parts.run_at).join("\n");
    if parts.run.is_exec_form || parts.run.command.contains('\n') {
        return Err(not_a_chain(parts));
    }
    let at = script_start(&written).ok_or_else(|| not_a_chain(parts))?;
    let (start, text) = written.split_at(at);
    let commands = plain_chain(text)
        .filter(|commands| commands.len() == parts.commands.all.len())
        .ok_or_else(|| not_a_chain(parts))?;
    Ok(Script {
        start: start.to_owned(),
        text: text.to_owned(),
        commands,
    })
}

fn not_a_chain(parts: &Parts<'_>) -> String {
    format!(
        "line {} does more than to install, and is no plain chain of commands that can be split",
        parts.run_at.line
    )
}

/// Where the first command begins: after the keyword and the flags.
fn script_start(written: &str) -> Option<usize> {
    let mut at = written.len() - written.trim_start().len();
    at += written[at..].find(char::is_whitespace)?;
    loop {
        let rest = &written[at..];
        let blank = rest.len() - rest.trim_start().len();
        let content = &rest[blank..];
        if let Some(continued) = content.strip_prefix("\\\n") {
            at = written.len() - continued.len();
        } else if content.starts_with("--") {
            let end = content.find(char::is_whitespace)?;
            if content[..end].contains(['"', '\'', '\\']) {
                return None;
            }
            at += blank + end;
        } else {
            return Some(at + blank);
        }
    }
}
