//! Shows a plan.

use common::render::{Document, Table};
use common::report::{PlanData, Report, StageBase, StagePlan, TargetPlan};
use common::units::format_count;

/// The plan as a document: the targets, then the stages of each.
pub(crate) fn document(report: &Report<PlanData>) -> Document {
    let targets = &report.data.targets;
    let document = Document::new()
        .heading("Plan")
        .paragraph(format!(
            "{} to build",
            format_count(targets.len() as u64, "target")
        ))
        .table(target_table(targets));
    targets
        .iter()
        .fold(document, |document, target| document.append(stages(target)))
}

fn target_table(targets: &[TargetPlan]) -> Table {
    let mut table = Table::new([
        "Target",
        "Stage",
        "After",
        "Image",
        "Build arguments",
        "Dockerfile",
    ]);
    for target in targets {
        let args = target
            .build_args
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        table.row([
            target.name.clone().into(),
            target
                .stage
                .clone()
                .unwrap_or_else(|| "(last)".to_owned())
                .into(),
            target.depends_on.join(", ").into(),
            target.tags.join(", ").into(),
            args.collect::<Vec<_>>().join(" ").into(),
            target.dockerfile_path.clone().into(),
        ]);
    }
    table
}

fn stages(target: &TargetPlan) -> Document {
    let mut table = Table::new(["Line#", "Stage", "From", "Copies from", "Instructions#"]);
    for stage in &target.stages {
        let copies_from = stage.copies_from.iter().map(|&index| label(target, index));
        table.row([
            stage.location.line.to_string().into(),
            stage.label().into(),
            base(target, stage).into(),
            copies_from.collect::<Vec<_>>().join(", ").into(),
            stage.instructions.len().to_string().into(),
        ]);
    }
    Document::new()
        .heading(format!("Stages of {}", target.name))
        .table(table)
}

/// What a stage starts from, by name.
pub(super) fn base(target: &TargetPlan, stage: &StagePlan) -> String {
    match &stage.base {
        StageBase::Scratch => "scratch".to_owned(),
        StageBase::Stage { index } => label(target, *index),
        StageBase::Image { name } => name.clone(),
    }
}

fn label(target: &TargetPlan, index: u32) -> String {
    let stage = target.stages.iter().find(|stage| stage.index == index);
    stage.map_or_else(|| format!("stage-{index}"), StagePlan::label)
}
