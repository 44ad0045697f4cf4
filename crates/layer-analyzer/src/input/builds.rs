//! The targets of build reports that have an image.

use common::pipe::{PipeError, Received};
use common::report::{BuildData, Report, StageBase, StagePlan, TargetBuild};

use crate::model::build::{BuiltTarget, Instruction, Stage, StageImage};

/// The build reports among those that were read.
#[derive(Debug)]
pub(crate) struct Builds {
    /// How many reports there are.
    pub(crate) report_count: usize,
    /// The targets with an image, in the reports' order.
    pub(crate) targets: Vec<BuiltTarget>,
}

impl Builds {
    /// Takes what matters here from all build reports.
    ///
    /// # Errors
    ///
    /// A build report cannot be understood.
    pub(crate) fn from_received(received: &Received) -> Result<Self, PipeError> {
        let reports: Vec<Report<BuildData>> = received.decode()?;
        let mut targets = Vec::new();
        for target in reports.iter().flat_map(|report| &report.data.targets) {
            targets.extend(built_target(target));
        }
        Ok(Self {
            report_count: reports.len(),
            targets,
        })
    }
}

fn built_target(target: &TargetBuild) -> Option<BuiltTarget> {
    let image = target.image.as_ref()?;
    Some(BuiltTarget {
        name: target.plan.name.clone(),
        image_id: image.id.clone(),
        tags: target.plan.tags.clone(),
        stages: target.plan.stages.iter().map(stage).collect(),
        stage_images: target.stage_images.iter().map(stage_image).collect(),
    })
}

fn stage_image(image: &common::report::StageImage) -> StageImage {
    StageImage {
        stage: image.stage,
        image_id: image.image_id.clone(),
    }
}

fn stage(plan: &StagePlan) -> Stage {
    let (base, base_image) = match &plan.base {
        StageBase::Stage { index } => (Some(*index), None),
        StageBase::Image { name } => (None, Some(name.clone())),
        StageBase::Scratch => (None, None),
    };
    let instructions = plan.instructions.iter().map(|instruction| Instruction {
        keyword: instruction.keyword.clone(),
        text: instruction.text.clone(),
        line: instruction.line,
    });
    Stage {
        index: plan.index,
        label: plan.label(),
        base,
        base_image,
        dockerfile_path: plan.location.path.clone(),
        instructions: instructions.collect(),
    }
}
