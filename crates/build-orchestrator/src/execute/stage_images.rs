//! Keeps stages that others take files from as images of their own, once all targets are built.
//!
//! A stage is the last one of a Dockerfile that ends with it, which every frontend understands:
//! older ones can only be asked for stages that have a name, and for the last of several with the
//! same.

use common::dockerfile::{DockerfileError, parse};
use std::collections::BTreeMap;

use super::event::What;
use super::outputs::{Output, outputs};
use super::supplies::hidden;
use super::{Build, pull, redact};
use crate::model::outcome::{StageImage, Status, TargetError, TargetErrorKind, TargetOutcome};
use crate::model::plan::Target;

/// The label by which the images are found and removed. Its value is the stage's name.
const LABEL: &str = "build-orchestrator.stage";

impl Build<'_> {
    /// Makes an image of each stage that is to be kept, of one that several targets have only one.
    pub(super) async fn keep_stages(&self, outcomes: &mut [TargetOutcome]) {
        let mut kept: Vec<(Target, String)> = Vec::new();
        for (index, outcome) in outcomes.iter_mut().enumerate() {
            let target = &self.plan.targets[index];
            let Some(stages) = self.options.stage_images.get(&target.name) else {
                continue;
            };
            let makes_image = outputs(target).is_ok_and(|all| all.iter().any(Output::is_image));
            if outcome.status != Status::Built || !makes_image {
                continue;
            }
            for &stage in stages {
                if self.interrupt.is_raised() {
                    return;
                }
                if let Some(image_id) = self.keep_stage(index, stage, &mut kept).await {
                    outcome.stage_images.push(StageImage { stage, image_id });
                }
            }
        }
    }

    /// Makes an image of a target's stage, or finds it among those that were `kept`. Returns its id.
    async fn keep_stage(
        &self,
        index: usize,
        stage: usize,
        kept: &mut Vec<(Target, String)>,
    ) -> Option<String> {
        let target = &self.plan.targets[index];
        let mut secrets = hidden(target);
        let made = async {
            let target = stage_target(target, stage)?;
            let likeness = likeness(&target);
            if let Some((_, image_id)) = kept.iter().find(|(other, _)| *other == likeness) {
                return Ok(Some(image_id.clone()));
            }
            let image = tokio::select! {
                () = self.interrupt.raised() => return Ok(None),
                error = self.time_is_up() => return Err(error),
                image = self.image_of_cache(index, &target, &mut secrets) => image?,
            };
            let image_id = image.map(|image| image.id);
            kept.extend(image_id.clone().map(|image_id| (likeness, image_id)));
            Ok(image_id)
        };
        let made: Result<_, TargetError> = made.await;
        made.unwrap_or_else(|error| {
            let message = redact::error(&secrets, &error).message;
            let name = name(target, stage);
            let warning = format!("stage `{name}` is not kept as an image: {message}");
            self.tell(target, What::Warning(&warning));
            None
        })
    }
}

/// A target that is one stage of another, made of what the cache holds.
fn stage_target(target: &Target, stage: usize) -> Result<Target, TargetError> {
    let text = match &target.dockerfile_inline {
        Some(text) => text.clone(),
        None => fs_err::read_to_string(&target.dockerfile_path).map_err(failed)?,
    };
    let label = (LABEL.to_owned(), name(target, stage));
    Ok(Target {
        dockerfile_inline: Some(up_to_stage(&text, stage).map_err(failed)?),
        stage: None,
        labels: BTreeMap::from([label]),
        tags: Vec::new(),
        annotations: Vec::new(),
        outputs: Vec::new(),
        cache_to: Vec::new(),
        no_cache: false,
        no_cache_stages: Vec::new(),
        // What was pulled with docker's own means is in the Engine by now.
        pull: target.pull && pull::frontend_can(target),
        ..target.clone()
    })
}

/// What makes two targets' stages the same: all but what only names or orders the targets.
fn likeness(target: &Target) -> Target {
    Target {
        name: String::new(),
        depends_on: Vec::new(),
        context_uses: Vec::new(),
        context_paths: None,
        images: Vec::new(),
        ..target.clone()
    }
}

/// A Dockerfile's text up to the end of a stage.
fn up_to_stage(text: &str, stage: usize) -> Result<String, DockerfileError> {
    let next = parse(text)?.stages.get(stage + 1).map(|next| next.line);
    let lines = next.and_then(|line| usize::try_from(line - 1).ok());
    let lines = text.split_inclusive('\n').take(lines.unwrap_or(usize::MAX));
    Ok(lines.collect())
}

/// The stage's name as BuildKit prints it.
fn name(target: &Target, stage: usize) -> String {
    let named = target.dockerfile.stages.get(stage);
    let name = named.and_then(|stage| stage.name.clone());
    name.unwrap_or_else(|| format!("stage-{stage}"))
}

fn failed(error: impl std::fmt::Display) -> TargetError {
    TargetError {
        kind: TargetErrorKind::Build,
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# one\nFROM scratch\nCOPY <<E /\nFROM no\nE\n# two\nFROM scratch AS b\nRUN b";

    #[test]
    fn a_dockerfile_ends_with_the_stage() {
        let first = "# one\nFROM scratch\nCOPY <<E /\nFROM no\nE\n# two\n";
        assert_eq!(up_to_stage(TEXT, 0).as_deref(), Ok(first));
        assert_eq!(up_to_stage(TEXT, 1).as_deref(), Ok(TEXT));
    }

    #[test]
    fn a_stage_of_two_targets_is_the_same_unless_they_build_it_in_another_way() {
        let target = |name: &str| Target {
            dockerfile_inline: Some(TEXT.to_owned()),
            tags: vec![name.to_owned()],
            stage: Some(name.to_owned()),
            ..Target::sample(name, TEXT)
        };
        let stage = |target: &Target| likeness(&stage_target(target, 0).unwrap());
        assert_eq!(stage(&target("a")), stage(&target("b")));
        let other = target("b").with_args(&[("A", "1")]);
        assert_ne!(stage(&target("a")), stage(&other));
    }
}
