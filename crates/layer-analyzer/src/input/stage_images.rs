//! The images of stages that builds kept, for files to be traced through them.

use super::error::InputError;
use super::images::LazyEngine;
use crate::model::build::{ImageOrigin, StageImages};

/// A stage's image that cannot be read.
#[derive(Debug)]
pub(crate) struct Unread {
    /// The target.
    pub(crate) target: String,
    /// The stage's name.
    pub(crate) stage: String,
    /// Why.
    pub(crate) error: InputError,
}

/// Reads the images of the stages of all targets that made `images`, each once, as far as the
/// Engine has them.
pub(crate) fn read_stage_images(
    images: &[ImageOrigin],
    engine: &mut LazyEngine,
) -> (StageImages, Vec<Unread>) {
    let (mut stages, mut unread) = (StageImages::new(), Vec::new());
    for target in images.iter().filter_map(|(_, target)| *target) {
        for image in &target.stage_images {
            if stages.contains_key(&image.image_id) {
                continue;
            }
            match engine.read(&image.image_id) {
                Ok(read) => drop(stages.insert(image.image_id.clone(), read)),
                Err(error) => {
                    let stage = target.stages.iter().find(|it| it.index == image.stage);
                    unread.push(Unread {
                        target: target.name.clone(),
                        stage: stage.map_or_else(String::new, |stage| stage.label.clone()),
                        error,
                    });
                }
            }
        }
    }
    (stages, unread)
}
