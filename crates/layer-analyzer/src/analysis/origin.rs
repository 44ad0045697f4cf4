//! Joins layers with the lines of the Dockerfile that made them.

use common::dockerfile::makes_step;
use std::iter;

use super::history::instruction;
use crate::model::build::{BuiltTarget, Instruction, Stage};
use crate::model::image::HistoryEntry;

/// Where in a Dockerfile a layer comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin<'a> {
    /// The stage's name, as BuildKit prints it.
    pub(crate) stage: &'a str,
    /// The stage's position in the Dockerfile, from 0.
    pub(crate) stage_index: u32,
    /// The Dockerfile.
    pub(crate) path: &'a str,
    /// The first line of the instruction, from 1.
    pub(crate) line: u32,
    /// The instruction as written, on one line. It has what the history leaves out, such as
    /// `--from`.
    pub(crate) text: &'a str,
}

/// Returns the origin of each layer, lowest first.
///
/// The top lines of the history are the target's own, from its last instruction down; the layers
/// of those below come from the base image and stay `None`. All stay `None` when the history has
/// not one line for each layer, or when not every instruction of the target that can make a layer
/// meets a line with the same keyword.
pub(crate) fn origins<'a>(
    target: &'a BuiltTarget,
    history: &[HistoryEntry],
    layer_count: usize,
) -> Vec<Option<Origin<'a>>> {
    let unknown = vec![None; layer_count];
    let planned = planned_layers(target);
    let lines: Vec<&HistoryEntry> = history.iter().filter(|line| may_make_layer(line)).collect();
    let from_top = || lines.iter().rev();
    let is_match = |(line, (_, planned)): (&&HistoryEntry, &(&Stage, &Instruction))| {
        keyword(line).as_deref() == Some(planned.keyword.as_str())
    };
    if planned.len() > lines.len() || !from_top().zip(&planned).all(is_match) {
        return unknown;
    }
    let own_then_base = planned.into_iter().map(Some).chain(iter::repeat(None));
    let mut origins: Vec<Option<Origin>> = from_top()
        .zip(own_then_base)
        .filter(|(line, _)| !line.is_empty_layer)
        .map(|(_, planned)| planned.map(origin))
        .collect();
    origins.reverse();
    if origins.len() == layer_count {
        origins
    } else {
        unknown
    }
}

fn origin<'a>((stage, instruction): (&'a Stage, &'a Instruction)) -> Origin<'a> {
    Origin {
        stage: &stage.label,
        stage_index: stage.index,
        path: &stage.dockerfile_path,
        line: instruction.line,
        text: &instruction.text,
    }
}

/// The instructions that can make a layer, last one first.
pub(super) fn planned_layers(target: &BuiltTarget) -> Vec<(&Stage, &Instruction)> {
    let mut planned = Vec::new();
    for stage in stages_down(target) {
        let makers = stage.instructions.iter().rev();
        let makers = makers.filter(|i| makes_step(&i.keyword));
        planned.extend(makers.map(|instruction| (stage, instruction)));
    }
    planned
}

/// The target's own stage and those that it is based on, down to the one that starts from an image
/// or from nothing.
pub(super) fn stages_down(target: &BuiltTarget) -> Vec<&Stage> {
    let mut stages = Vec::new();
    let mut stage = target.stages.last();
    while let Some(current) = stage {
        stages.push(current);
        let below = |index: u32| target.stages.iter().find(|stage| stage.index == index);
        // A stage can only start from one before it; a report that says else would never end.
        stage = current
            .base
            .filter(|base| *base < current.index)
            .and_then(below);
    }
    stages
}

/// Whether a line of the history stands for an instruction that can make a layer, or for a layer. A
/// `WORKDIR` that is the root, perhaps through a variable, makes none.
fn may_make_layer(line: &HistoryEntry) -> bool {
    !line.is_empty_layer || keyword(line).is_some_and(|keyword| makes_step(&keyword))
}

fn keyword(line: &HistoryEntry) -> Option<String> {
    let instruction = instruction(&line.created_by)?;
    let keyword = instruction.split_whitespace().next()?;
    Some(keyword.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(index: u32, base: Option<u32>, instructions: &[(&str, u32)]) -> Stage {
        let instruction = |(text, line): &(&str, u32)| Instruction {
            keyword: text.split(' ').next().unwrap().to_owned(),
            text: (*text).to_owned(),
            line: *line,
        };
        Stage {
            index,
            label: format!("stage-{index}"),
            base,
            base_image: None,
            dockerfile_path: "Dockerfile".to_owned(),
            instructions: instructions.iter().map(instruction).collect(),
        }
    }

    fn target(stages: Vec<Stage>) -> BuiltTarget {
        BuiltTarget {
            name: "app".to_owned(),
            image_id: "sha256:0".to_owned(),
            tags: Vec::new(),
            stages,
            stage_images: Vec::new(),
        }
    }

    /// The layers' stages and lines, given the history; a line that ends in `!` has no layer.
    fn lines(stages: Vec<Stage>, history: &[&str]) -> Vec<String> {
        let entry = |line: &&str| HistoryEntry {
            created_by: line.trim_end_matches('!').to_owned(),
            is_empty_layer: line.ends_with('!'),
        };
        let history: Vec<HistoryEntry> = history.iter().map(entry).collect();
        let layer_count = history.iter().filter(|line| !line.is_empty_layer).count();
        let target = target(stages);
        let origins = origins(&target, &history, layer_count);
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
        let last = stage(2, Some(0), &[("COPY a /", 10), ("CMD a", 12)]);
        let history = [
            "ADD rootfs /",
            "WORKDIR /etc!",
            "unlike any instruction",
            "WORKDIR /srv",
            "ENV A=b!",
            "RUN make",
            "COPY a /",
            "CMD a!",
        ];
        assert_eq!(
            lines(vec![base, other, last], &history),
            ["-", "-", "stage-0 2", "stage-0 4", "stage-2 10"]
        );
    }

    #[test]
    fn an_instruction_that_made_no_layer_shifts_no_other() {
        let only = stage(
            0,
            None,
            &[("COPY a /", 2), ("WORKDIR $ROOT", 3), ("RUN b", 4)],
        );
        assert_eq!(
            lines(vec![only], &["COPY a /", "WORKDIR /!", "RUN b"]),
            ["stage-0 2", "stage-0 4"]
        );
    }

    #[test]
    fn one_other_keyword_and_nothing_is_joined() {
        let only = || vec![stage(0, None, &[("COPY a /", 2), ("RUN make", 3)])];
        assert_eq!(lines(only(), &["ADD a /", "RUN make"]), ["-", "-"]);
        assert_eq!(
            lines(only(), &["COPY a /", "", "RUN make"]),
            ["-", "-", "-"]
        );
        assert_eq!(lines(only(), &["RUN make"]), ["-"]);
    }

    #[test]
    fn a_history_of_another_length_says_nothing() {
        let target = target(vec![stage(0, None, &[("RUN make", 2)])]);
        let history = [HistoryEntry {
            created_by: "RUN make".to_owned(),
            is_empty_layer: false,
        }];
        assert_eq!(origins(&target, &history, 2), [None, None]);
        assert_eq!(origins(&target, &history, 0), []);
    }

    #[test]
    fn a_stage_that_is_based_on_itself_ends() {
        let stages = vec![stage(0, Some(0), &[("RUN a", 2)])];
        assert_eq!(lines(stages, &["RUN a"]), ["stage-0 2"]);
    }
}
