//! From a plan to its report.

use common::dockerfile::{Instruction, Stage};
use common::report::{InstructionPlan, Location, PlanData, StageBase, StagePlan, TargetPlan};
use std::collections::BTreeMap;

use crate::analysis::stages::{Base, NeededStage, needed_stages};
use crate::model::plan::{Plan, Target};
use crate::model::secrets::{REDACTED, looks_secret};

/// The body of a plan report.
pub(crate) fn plan_data(plan: &Plan) -> PlanData {
    PlanData {
        targets: plan.targets.iter().map(target_plan).collect(),
    }
}

fn target_plan(target: &Target) -> TargetPlan {
    let path = target.dockerfile_path.display().to_string();
    TargetPlan {
        name: target.name.clone(),
        context_path: target.context_dir.display().to_string(),
        stage: target.stage.clone(),
        platform: target.platform.clone(),
        tags: target.tags.clone(),
        build_args: shown_args(&target.build_args),
        labels: target.labels.clone(),
        depends_on: target.depends_on.clone(),
        stages: needed_stages(target)
            .into_iter()
            .map(|needed| stage_plan(&path, &target.dockerfile.stages[needed.index], needed))
            .collect(),
        dockerfile_path: path,
    }
}

fn shown_args(args: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let shown = |(name, value): (&String, &String)| {
        let value = if looks_secret(name) {
            REDACTED.to_owned()
        } else {
            value.clone()
        };
        (name.clone(), value)
    };
    args.iter().map(shown).collect()
}

fn stage_plan(dockerfile_path: &str, stage: &Stage, needed: NeededStage) -> StagePlan {
    StagePlan {
        index: position(needed.index),
        name: stage.name.clone(),
        location: Location {
            path: dockerfile_path.to_owned(),
            line: stage.line,
        },
        base: match needed.base {
            Base::Scratch => StageBase::Scratch,
            Base::Stage(index) => StageBase::Stage {
                index: position(index),
            },
            Base::Image(name) => StageBase::Image { name },
        },
        copies_from: needed.copies_from.into_iter().map(position).collect(),
        instructions: stage.instructions.iter().map(instruction_plan).collect(),
    }
}

fn instruction_plan(instruction: &Instruction) -> InstructionPlan {
    InstructionPlan {
        keyword: instruction.keyword.clone(),
        text: instruction.text.clone(),
        line: instruction.line,
        end_line: instruction.end_line,
    }
}

fn position(index: usize) -> u32 {
    u32::try_from(index).expect("a Dockerfile has fewer than four billion stages")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_secret_arguments_are_not_shown() {
        let args = [("NPM_TOKEN", "hunter22"), ("VERSION", "7")];
        let plan = target_plan(&Target::sample("app", "FROM scratch\n").with_args(&args));
        assert_eq!(plan.build_args["NPM_TOKEN"], "<redacted>");
        assert_eq!(plan.build_args["VERSION"], "7");
    }

    #[test]
    fn a_plan_has_the_stages_that_the_target_needs_with_their_lines() {
        let text = "FROM debian AS build\nRUN make \\\n  all\nFROM alpine\nFROM scratch\nCOPY --from=build /a /a\n";
        let plan = target_plan(&Target::sample("app", text));
        assert_eq!(plan.dockerfile_path, "Dockerfile");
        let lines: Vec<u32> = plan
            .stages
            .iter()
            .map(|stage| stage.location.line)
            .collect();
        assert_eq!(lines, [1, 5]);
        let run = &plan.stages[0].instructions[0];
        assert_eq!(
            (run.text.as_str(), run.line, run.end_line),
            ("RUN make all", 2, 3)
        );
        assert_eq!(plan.stages[1].copies_from, [0]);
    }
}
