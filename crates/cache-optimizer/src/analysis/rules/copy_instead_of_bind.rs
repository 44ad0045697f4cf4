//! Finds files that are copied for one install only, in a way that a bind mount would do without a
//! layer and a step: the copy is made again right after it, or never leaves its stage.
//!
//! Only files that the context is known to have, and installs that do not write to them: a bind mount
//! is read-only, and what is written to it is lost.

mod needs;

use common::dockerfile::{Copy, Detail, Instruction, Run};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::run_source::RunSource;
use crate::model::edit::{Edit, EditedFile};

/// A file that is copied: from where in the context, and to where below the working directory.
struct Copied<'a> {
    source: &'a str,
    name: &'a str,
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (stage, of_stage) in subject.recipe.dockerfile.stages.iter().enumerate() {
        let mut first = None;
        for (at, instruction) in of_stage.instructions.iter().enumerate() {
            match &instruction.detail {
                Detail::Copy(_) => first = first.or(Some(at)),
                Detail::Run(run) => {
                    let copies = first.take();
                    found
                        .extend(copies.and_then(|first| check_run(subject, stage, first..at, run)));
                }
                _ => first = None,
            }
        }
    }
    found
}

/// Looks at the copies in `copies`, which stand right before the `run`.
fn check_run(
    subject: &Subject<'_>,
    stage: usize,
    copies: std::ops::Range<usize>,
    run: &Run,
) -> Option<Found> {
    let instructions = &subject.recipe.dockerfile.stages[stage].instructions;
    let state = &subject.states[stage][copies.end];
    let workdir = state.workdir.as_deref()?;
    let mut files = Vec::new();
    for instruction in &instructions[copies.clone()] {
        let Detail::Copy(copy) = &instruction.detail else {
            return None;
        };
        files.extend(copied(
            subject,
            copy,
            state.absolute(&copy.destination, '\\')?.as_str(),
            workdir,
        )?);
    }
    let only_reads = needs::only_reads(run, files.iter().map(|file| file.name));
    if !only_reads || !needs::is_made_by_workdir(&instructions[..copies.start], workdir) {
        return None;
    }
    let run_at = &instructions[copies.end];
    let is_copied_again = needs::is_copied_again(subject, stage, copies.end, workdir);
    if !is_copied_again && !needs::stays_in_stage(subject, stage, copies.end, workdir) {
        return None;
    }
    let names: Vec<_> = files
        .iter()
        .map(|file| format!("`{}`", file.name))
        .collect();
    Some(Found {
        confidence: Confidence::Likely,
        remedy: edits(subject, &instructions[copies.clone()], run_at, &files).map_or_else(
            || Remedy::Withheld("the Dockerfile stands within another file".to_owned()),
            Remedy::Patch,
        ),
        ..Found::new(
            instructions[copies.start].line,
            format!(
                "only line {} reads {} from this layer",
                run_at.line,
                names.join(" and ")
            ),
            "mount what only one step reads with `--mount=type=bind`, which makes no layer"
                .to_owned(),
        )
    })
}

/// The files that a `COPY` puts into the working directory under their own names. `None` when it does
/// anything else.
fn copied<'a>(
    subject: &Subject<'_>,
    copy: &'a Copy,
    destination: &str,
    workdir: &str,
) -> Option<Vec<Copied<'a>>> {
    if !copy.flags.is_empty() || copy.sources.is_empty() {
        return None;
    }
    let is_folder =
        copy.destination.ends_with('/') || matches!(copy.destination.as_str(), "." | "..");
    let files = &subject.recipe.context.files;
    let file = |source: &'a String| {
        let path = source.trim_start_matches("./").trim_start_matches('/');
        let name = path.rsplit('/').next()?;
        let target = format!("{}/{name}", workdir.trim_end_matches('/'));
        let is_in_workdir = if is_folder {
            destination == workdir
        } else {
            destination == target
        };
        let is_single = is_folder || copy.sources.len() == 1;
        let is_file = files.has_file(path) && !files.links.contains_key(path);
        (is_in_workdir && is_single && is_file).then_some(Copied { source: path, name })
    };
    copy.sources.iter().map(file).collect()
}

fn edits(
    subject: &Subject<'_>,
    copies: &[Instruction],
    run_at: &Instruction,
    files: &[Copied<'_>],
) -> Option<Vec<Edit>> {
    let source = RunSource::new(
        &subject.recipe.text,
        run_at,
        subject.recipe.dockerfile.escape,
    )?;
    let flags: Vec<_> = files
        .iter()
        .map(|file| {
            format!(
                "--mount=type=bind,source={},target={}",
                file.source, file.name
            )
        })
        .collect();
    let mut edits: Vec<_> = copies
        .iter()
        .map(|copy| Edit {
            file: EditedFile::Dockerfile,
            line: copy.line,
            removed_count: copy.end_line - copy.line + 1,
            lines: Vec::new(),
        })
        .collect();
    edits.push(source.edit(vec![source.insert_flags(&flags)])?);
    Some(edits)
}

#[cfg(test)]
mod tests;
