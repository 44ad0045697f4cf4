//! Where a Dockerfile uses named contexts, so that older frontends, which know none, can be given
//! a Dockerfile with images in their place.

use common::dockerfile::{Stage, parse};

use super::stages::{Base, NeededStage, Source, needed_stages, references, replacement, source};
use crate::model::plan::{ContextUse, Target, UsePlace};

/// The places of the target's Dockerfile that use its named contexts, as far as the target needs
/// their stages. Lines are those of the Dockerfile's own text, also when it stands in another file.
pub(super) fn context_uses(target: &Target) -> Vec<ContextUse> {
    if target.named_contexts.is_empty() {
        return Vec::new();
    }
    let shift = shift(target);
    needed_stages(target)
        .iter()
        .flat_map(|needed| stage_uses(target, needed, shift))
        .collect()
}

/// How many lines of another file stand before an inline Dockerfile.
fn shift(target: &Target) -> u32 {
    let own = target
        .dockerfile_inline
        .as_deref()
        .and_then(|text| parse(text).ok())
        .and_then(|dockerfile| Some(dockerfile.stages.first()?.line));
    let there = target.dockerfile.stages.first().map(|stage| stage.line);
    match (there, own) {
        (Some(there), Some(own)) => there.saturating_sub(own),
        _ => 0,
    }
}

fn stage_uses(target: &Target, needed: &NeededStage, shift: u32) -> Vec<ContextUse> {
    let stage = &target.dockerfile.stages[needed.index];
    let mut uses = Vec::new();
    if let Base::Source(Source::Context { name, .. }) = &needed.base {
        uses.push(ContextUse {
            name: name.clone(),
            written: stage.base.clone(),
            line: stage.line - shift,
            place: base_place(target, stage, shift),
        });
    }
    if replacement(target, stage).is_some() {
        return uses;
    }
    for instruction in &stage.instructions {
        for reference in references(instruction) {
            let is_stage = || {
                target
                    .dockerfile
                    .stage_index(reference, needed.index)
                    .is_some()
            };
            if let Some(Source::Context { name, .. }) = source(target, reference)
                && !is_stage()
            {
                uses.push(ContextUse {
                    name,
                    written: reference.to_owned(),
                    line: instruction.line - shift,
                    place: UsePlace::Files,
                });
            }
        }
    }
    uses
}

fn base_place(target: &Target, stage: &Stage, shift: u32) -> UsePlace {
    if replacement(target, stage).is_none() {
        return UsePlace::Base;
    }
    let instructions = stage.instructions.iter();
    UsePlace::Stage {
        instructions: instructions
            .map(|i| (i.line - shift, i.end_line - shift))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::NamedContext;

    const TEXT: &str = "ARG B=base\nFROM $B AS a\nCOPY --from=files /x /\nFROM scratch AS tools\nRUN a \\\n  b\nFROM a\nCOPY --from=tools /y /\nRUN --mount=from=files,target=/f true\n";

    fn target(dockerfile: &str) -> Target {
        let context = |name: &&str| {
            let image = NamedContext::Image("x".to_owned());
            ((*name).to_owned(), image)
        };
        Target {
            named_contexts: ["base", "files", "tools"].iter().map(context).collect(),
            ..Target::sample("app", dockerfile)
        }
    }

    fn shown(target: &Target) -> Vec<String> {
        let uses = context_uses(target).into_iter();
        uses.map(|used| {
            format!(
                "{} {} {} {:?}",
                used.line, used.name, used.written, used.place
            )
        })
        .collect()
    }

    #[test]
    fn bases_files_and_whole_stages_are_found() {
        let expected = [
            "2 base $B Base",
            "3 files files Files",
            "4 tools scratch Stage { instructions: [(5, 6)] }",
            "9 files files Files",
        ];
        assert_eq!(shown(&target(TEXT)), expected);
    }

    #[test]
    fn lines_of_an_inline_dockerfile_are_its_own() {
        let mut target = target(TEXT);
        let expected = shown(&target);
        target.dockerfile_inline = Some(TEXT.to_owned());
        target.dockerfile = common::dockerfile::parse_inline(TEXT, 40).unwrap();
        assert_eq!(target.dockerfile.stages[0].line, 41);
        assert_eq!(shown(&target), expected);
    }
}
