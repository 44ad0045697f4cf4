//! From a plan to its report.

use common::dockerfile::{Instruction, Stage};
use common::report::{InstructionPlan, Location, PlanData, StageBase, StagePlan, TargetPlan};
use std::collections::BTreeMap;

use super::secrets::{REDACTED, looks_secret};
use crate::analysis::stages::{Base, NeededStage, needed_stages};
use crate::model::plan::{Plan, Target};

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
