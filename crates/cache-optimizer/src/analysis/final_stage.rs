//! What the image of the last stage is made of and does: its steps over all stages that it starts
//! from, and the commands that it starts with.

use common::dockerfile::{Detail, Dockerfile, Instruction, Run};

use super::stage_uses::chain;

/// The steps of the image, the base's first.
pub(crate) fn instructions(dockerfile: &Dockerfile) -> Vec<&Instruction> {
    let last = dockerfile.stages.len() - 1;
    let stages = chain(dockerfile, last).into_iter().rev();
    stages
        .flat_map(|stage| &dockerfile.stages[stage].instructions)
        .collect()
}

/// The `RUN`s of the image, with the instructions that they are.
pub(crate) fn runs(dockerfile: &Dockerfile) -> Vec<(&Instruction, &Run)> {
    let instructions = instructions(dockerfile).into_iter();
    instructions
        .filter_map(|instruction| match &instruction.detail {
            Detail::Run(run) => Some((instruction, run)),
            _ => None,
        })
        .collect()
}

/// The words of what the image starts with, and asks for its health with. Empty when its base decides.
pub(crate) fn start_words(dockerfile: &Dockerfile) -> Vec<&str> {
    let starts = instructions(dockerfile)
        .into_iter()
        .filter(|it| matches!(it.keyword.as_str(), "CMD" | "ENTRYPOINT" | "HEALTHCHECK"));
    let words = starts.flat_map(|it| {
        it.text
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+')))
            .skip(1)
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// Whether the image runs a program of its own: one that is for building has nothing to start.
pub(crate) fn is_runtime(dockerfile: &Dockerfile) -> bool {
    let mut instructions = instructions(dockerfile).into_iter();
    let starts = instructions.any(|it| matches!(it.keyword.as_str(), "CMD" | "ENTRYPOINT"));
    let name = dockerfile
        .stages
        .last()
        .and_then(|stage| stage.name.as_deref());
    let name = name.unwrap_or_default().to_lowercase();
    let mut parts = name.split(['-', '_', '.']);
    let is_for_work = parts.any(|part| {
        matches!(
            part,
            "build" | "builder" | "ci" | "debug" | "dev" | "development" | "lint" | "test"
        )
    });
    starts && !is_for_work
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_goes_on_from_the_stages_below_it() {
        let text = "FROM a AS base\nRUN b\nCMD [\"/app/x.sh\", \"-v\"]\nFROM c AS other\nRUN d\nFROM base\nRUN e\n";
        let dockerfile = common::dockerfile::parse(text).unwrap();
        let lines: Vec<_> = runs(&dockerfile).iter().map(|(it, _)| it.line).collect();
        assert_eq!(lines, [2, 7]);
        assert_eq!(start_words(&dockerfile), ["app", "x.sh", "-v"]);
        assert!(is_runtime(&dockerfile));
    }

    #[test]
    fn an_image_for_development_or_without_a_program_is_no_runtime() {
        for text in [
            "FROM a\nRUN b\n",
            "FROM a AS dev\nCMD b\n",
            "FROM a AS app-test\nCMD b\n",
        ] {
            assert!(
                !is_runtime(&common::dockerfile::parse(text).unwrap()),
                "{text}"
            );
        }
    }
}
