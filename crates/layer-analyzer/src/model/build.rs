//! What a build report says about the image of a target.

use std::collections::BTreeMap;

use super::image::Image;

/// An image, and the target that made it, if a build report knows one.
pub(crate) type ImageOrigin<'a> = (Image, Option<&'a BuiltTarget>);

/// The images of stages, by id.
pub(crate) type StageImages = BTreeMap<String, Image>;

/// A target whose build made an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BuiltTarget {
    /// The target's name.
    pub(crate) name: String,
    /// The image's id, as the Engine gave it to the build.
    pub(crate) image_id: String,
    /// The names that the build gave the image.
    pub(crate) tags: Vec<String>,
    /// The stages that the target needs, in the Dockerfile's order; the last one is the image.
    pub(crate) stages: Vec<Stage>,
    /// The stages that the build kept as images of their own.
    pub(crate) stage_images: Vec<StageImage>,
}

impl BuiltTarget {
    /// One of the stages as a target of its own.
    pub(crate) fn stage_target(&self, index: u32) -> Self {
        let stages = self.stages.iter().filter(|stage| stage.index <= index);
        Self {
            stages: stages.cloned().collect(),
            ..self.clone()
        }
    }
}

/// A stage as an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StageImage {
    /// The stage's position in the Dockerfile, from 0.
    pub(crate) stage: u32,
    /// The image's id, as the Engine gave it to the build.
    pub(crate) image_id: String,
}

/// One stage of a target's Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    /// The stage's position in the Dockerfile, from 0.
    pub(crate) index: u32,
    /// The stage's name, as BuildKit prints it.
    pub(crate) label: String,
    /// The position of the stage that it starts from. `None` when it starts from an image or from
    /// nothing.
    pub(crate) base: Option<u32>,
    /// The image that the stage starts from. `None` when it starts from a stage or from nothing.
    pub(crate) base_image: Option<String>,
    /// The Dockerfile.
    pub(crate) dockerfile_path: String,
    /// The instructions after `FROM`, in order.
    pub(crate) instructions: Vec<Instruction>,
}

/// One instruction of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// The keyword in capitals.
    pub(crate) keyword: String,
    /// The instruction as written, on one line.
    pub(crate) text: String,
    /// The first line in the Dockerfile, from 1.
    pub(crate) line: u32,
}
