//! Joins layers with the lines of the Dockerfile that made them.

use crate::model::build::{BuiltTarget, Instruction, Stage};

/// Where in a Dockerfile a layer comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin<'a> {
    /// The stage's name, as BuildKit prints it.
    pub(crate) stage: &'a str,
    /// The Dockerfile.
    pub(crate) path: &'a str,
    /// The first line of the instruction, from 1.
    pub(crate) line: u32,
}

/// Returns the origin of each layer, lowest first, given the layers' instructions.
///
/// The top layers are the target's own, from its last instruction down; those below come from the
/// base image and stay `None`. All stay `None` unless every instruction of the target that makes a
/// layer meets a layer with the same keyword.
pub(crate) fn origins<'a>(
    target: &'a BuiltTarget,
    instructions: &[Option<String>],
) -> Vec<Option<Origin<'a>>> {
    let mut origins = vec![None; instructions.len()];
    let planned = planned_layers(target);
    let is_match = |(layer, (_, planned)): (&Option<String>, &(&Stage, &Instruction))| {
        layer.as_deref().and_then(keyword) == Some(planned.keyword.as_str())
    };
    let from_top = instructions.iter().rev();
    if planned.len() > instructions.len() || !from_top.zip(&planned).all(is_match) {
        return origins;
    }
    for (origin, (stage, instruction)) in origins.iter_mut().rev().zip(planned) {
        *origin = Some(Origin {
            stage: &stage.label,
            path: &stage.dockerfile_path,
            line: instruction.line,
        });
    }
    origins
}

/// The instructions that make a layer, last one first, down through the stages that the target's
/// own stage is based on.
fn planned_layers(target: &BuiltTarget) -> Vec<(&Stage, &Instruction)> {
    let mut planned = Vec::new();
    let mut stage = target.stages.last();
    while let Some(current) = stage {
        let makers = current.instructions.iter().rev().filter(|i| makes_layer(i));
        planned.extend(makers.map(|instruction| (current, instruction)));
        let below = |index: u32| target.stages.iter().find(|stage| stage.index == index);
        // A stage can only start from one before it; a report that says else would never end.
        stage = current
            .base
            .filter(|base| *base < current.index)
            .and_then(below);
    }
    planned
}

/// Source: BuildKit's dockerfile2llb/convert.go; `WORKDIR /` alone makes no layer.
fn makes_layer(instruction: &Instruction) -> bool {
    match instruction.keyword.as_str() {
        "RUN" | "COPY" | "ADD" => true,
        "WORKDIR" => instruction.text.split_whitespace().nth(1) != Some("/"),
        _ => false,
    }
}

fn keyword(instruction: &str) -> Option<&str> {
    instruction.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(index: u32, base: Option<u32>, instructions: &[(&str, u32)]) -> Stage {
        let instruction = |(text, line): &(&str, u32)| Instruction {
            keyword: keyword(text).unwrap().to_owned(),
            text: (*text).to_owned(),
            line: *line,
        };
        Stage {
            index,
            label: format!("stage-{index}"),
            base,
            dockerfile_path: "Dockerfile".to_owned(),
            instructions: instructions.iter().map(instruction).collect(),
        }
    }

    fn lines(stages: Vec<Stage>, layers: &[&str]) -> Vec<String> {
        let target = BuiltTarget {
            name: "app".to_owned(),
            image_id: "sha256:0".to_owned(),
            tags: Vec::new(),
            stages,
        };
        let layers: Vec<Option<String>> = layers.iter().map(|l| Some((*l).to_owned())).collect();
        let origins = origins(&target, &layers);
        origins
            .into_iter()
            .map(|o| o.map_or("-".to_owned(), |o| format!("{} {}", o.stage, o.line)))
            .collect()
    }

    #[test]
    fn the_top_layers_are_the_targets_and_the_rest_the_base_images() {
        let base = stage(
            0,
            None,
            &[("WORKDIR /srv", 2), ("ENV A=b", 3), ("RUN make", 4)],
        );
        let other = stage(1, None, &[("RUN other", 7)]);
        let last = stage(
            2,
            Some(0),
            &[("COPY a /", 10), ("WORKDIR /", 11), ("CMD a", 12)],
        );
        let layers = ["ADD rootfs /", "WORKDIR /srv", "RUN make", "COPY a /"];
        assert_eq!(
            lines(vec![base, other, last], &layers),
            ["-", "stage-0 2", "stage-0 4", "stage-2 10"]
        );
    }

    #[test]
    fn one_other_keyword_and_nothing_is_joined() {
        let only = || vec![stage(0, None, &[("COPY a /", 2), ("RUN make", 3)])];
        assert_eq!(lines(only(), &["ADD a /", "RUN make"]), ["-", "-"]);
        assert_eq!(lines(only(), &["RUN make"]), ["-"]);
    }

    #[test]
    fn a_stage_that_is_based_on_itself_ends() {
        let stages = vec![stage(0, Some(0), &[("RUN a", 2)])];
        assert_eq!(lines(stages, &["RUN a"]), ["stage-0 2"]);
    }
}
