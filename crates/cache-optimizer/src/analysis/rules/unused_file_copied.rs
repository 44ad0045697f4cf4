//! Finds what is copied with the whole context though no step reads it: documentation, the settings of
//! CI services, Dockerfiles and compose files. Each change of it runs the steps after the copy again.
//!
//! What a manifest, a step, or what the image starts mentions is used. A patch is only possible where
//! the files end up in the image, whose program may read them, and for texts, which a build may embed.

mod candidates;
#[cfg(test)]
mod tests;

use common::dockerfile::{Detail, Instruction};
use common::units::format_count;

use self::candidates::{Candidate, candidates};
use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::context_sources::{Taken, is_in, may_be_named, other_dockerfiles, taken};
use crate::analysis::ignore_edit::exclusion;
use crate::analysis::leftover_needs::{Need, need};
use crate::analysis::run_commands::run_commands;
use crate::analysis::stage_uses::chain;
use crate::analysis::work_folders::family;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let taken = taken(subject);
    let whole: Vec<_> = taken.iter().filter(|it| it.is_whole()).collect();
    // With two of them, an entry of the ignore file is about both.
    let [copied] = whole.as_slice() else {
        return Vec::new();
    };
    let after = runs_after(subject, copied);
    if after.is_empty() || !matches!(copied.instruction.detail, Detail::Copy(_) | Detail::Add(_)) {
        return Vec::new();
    }
    let others = other_dockerfiles(subject);
    let is_named = |path: &str| {
        taken.iter().any(|it| it.may_name(path))
            || others.iter().any(|(_, other)| may_be_named(other, path))
    };
    let unused: Vec<_> = candidates(&subject.recipe.context.files)
        .into_iter()
        .filter(|it| {
            it.paths
                .iter()
                .all(|path| copied.takes(path) && !is_named(path))
        })
        .filter(|it| !is_mentioned(subject, it))
        .collect();
    // Of a Dockerfile alone it is not worth to speak: it mostly changes with its steps.
    if unused
        .iter()
        .all(|it| it.pattern.starts_with("Dockerfile") || it.pattern == ".dockerignore")
    {
        return Vec::new();
    }
    let last = dockerfile.stages.len() - 1;
    let is_in_image = chain(dockerfile, last).contains(&copied.stage);
    let (texts, settings): (Vec<_>, Vec<_>) = unused.into_iter().partition(|it| it.is_text);
    let is_certain = !is_in_image && after.iter().all(|it| is_recognised(it));
    // A build may embed a text, whatever its tool is.
    [(settings, is_certain), (texts, false)]
        .iter()
        .filter(|(unused, _)| !unused.is_empty())
        .map(|(unused, is_certain)| found(subject, copied, &after, unused, *is_certain))
        .collect()
}

/// The `RUN`s after a copy, in its stage and in those on top of it.
fn runs_after<'a>(subject: &Subject<'a>, copied: &Taken<'_>) -> Vec<&'a Instruction> {
    let dockerfile = &subject.recipe.dockerfile;
    let stages = (copied.stage..dockerfile.stages.len())
        .filter(|&stage| chain(dockerfile, stage).contains(&copied.stage));
    let instructions = stages.flat_map(|stage| &dockerfile.stages[stage].instructions);
    instructions
        .filter(|it| it.keyword == "RUN" && it.line > copied.instruction.line)
        .collect()
}

/// Whether a manifest, a script, a step or what the image starts mentions it.
fn is_mentioned(subject: &Subject<'_>, candidate: &Candidate) -> bool {
    let recipe = subject.recipe;
    let manifests = recipe.context.files.texts.iter().filter(|(path, _)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        // These name themselves, and files for people and tools that are not part of the build.
        !candidate.paths.contains(path)
            && !name.starts_with("Dockerfile")
            && !name.starts_with("docker-compose")
            && !name.starts_with("compose")
            && name != ".gitignore"
    });
    let stages = recipe.dockerfile.stages.iter();
    let instructions = stages.flat_map(|stage| &stage.instructions);
    let steps = instructions.filter(|it| !matches!(it.detail, Detail::Copy(_) | Detail::Add(_)));
    let texts = manifests.map(|(_, text)| text.as_str());
    // Here-documents are in the command alone.
    let commands = steps.map(|it| match &it.detail {
        Detail::Run(run) => run.command.as_str(),
        _ => it.text.as_str(),
    });
    texts.chain(commands).any(|text| candidate.is_in_text(text))
}

fn found(
    subject: &Subject<'_>,
    copied: &Taken<'_>,
    after: &[&Instruction],
    unused: &[Candidate],
    is_certain: bool,
) -> Found {
    let context = &subject.recipe.context;
    let names: Vec<_> = unused
        .iter()
        .map(|it| format!("`{}`", it.pattern))
        .collect();
    let message = format!(
        "`{}` takes {}, which no step is seen to read: a change there runs {} again",
        copied.instruction.text,
        names.join(", "),
        format_count(after.len() as u64, "step")
    );
    let advice = match unused {
        [_] => format!("add it to `{}`", context.ignore_path),
        _ => format!("add them to `{}`, one a line", context.ignore_path),
    };
    let times = after
        .iter()
        .map(|it| subject.durations_ms.get(&it.line).copied());
    let sizes = unused.iter().flat_map(|it| &it.paths);
    let sizes = sizes.map(|path| {
        context
            .files
            .sizes_bytes
            .get(path)
            .copied()
            .unwrap_or_default()
    });
    Found {
        saved_ms: times.sum(),
        saved_bytes: Some(sizes.sum()),
        confidence: if is_certain {
            Confidence::Likely
        } else {
            Confidence::Possible
        },
        remedy: remedy(subject, unused),
        ..Found::new(copied.instruction.line, message, advice)
    }
}

/// Whether all that a step runs is a build tool that does not read such files.
fn is_recognised(instruction: &Instruction) -> bool {
    let Detail::Run(run) = &instruction.detail else {
        return false;
    };
    let shell = ["cd", "chmod", "echo", "export", "mkdir", "rm", "set"];
    run_commands(run)
        .iter()
        .all(|it| family(it).is_some() || shell.contains(&it.program.as_str()))
}

fn remedy(subject: &Subject<'_>, unused: &[Candidate]) -> Remedy {
    // Git calls a tree from which files are missing dirty.
    if let Need::Reads(why) | Need::Maybe(why) = need(&[".git"], subject)
        && subject.recipe.context.files.folders.contains(".git")
    {
        return Remedy::Withheld(format!("files would be missing in the history: {why}"));
    }
    let edits = unused.iter().map(|candidate| {
        let meant = |path: &str| candidate.paths.iter().any(|own| is_in(path, own));
        exclusion(&subject.recipe.context, &candidate.pattern, meant)
    });
    match edits.collect() {
        Ok(edits) => Remedy::Patch(edits),
        Err(why) => Remedy::Withheld(why),
    }
}
