//! The images that were asked for, each with the target that made it.

use super::engine::EngineImages;
use super::error::InputError;
use super::registry::read_registry_images;
use super::source::{ImageOptions, Source, read_archive_file, read_layout, read_stdin};
use crate::model::build::{BuiltTarget, ImageOrigin};
use crate::model::image::Image;

/// The connection to the Engine, made when the first image has to come from there.
pub(crate) struct LazyEngine<'a> {
    host: Option<&'a str>,
    options: &'a ImageOptions,
    images: Option<EngineImages>,
}

impl<'a> LazyEngine<'a> {
    pub(crate) fn new(host: Option<&'a str>, options: &'a ImageOptions) -> Self {
        Self {
            host,
            options,
            images: None,
        }
    }

    pub(super) fn read(&mut self, name: &str) -> Result<Image, InputError> {
        let images = match self.images.take() {
            Some(images) => images,
            None => EngineImages::connect(self.host, name)?,
        };
        self.images.insert(images).read(name, self.options)
    }
}

/// Reads the image of every target, each image once; an image is named by its first tag.
///
/// # Errors
///
/// An image is not in the Engine any more, or cannot be read.
pub(crate) fn read_built_images<'a>(
    targets: &'a [BuiltTarget],
    engine: &mut LazyEngine,
) -> Result<Vec<ImageOrigin<'a>>, InputError> {
    let mut images: Vec<ImageOrigin> = Vec::new();
    for target in targets {
        let is_made_by = |(_, origin): &&ImageOrigin| {
            origin.is_some_and(|origin| origin.image_id == target.image_id)
        };
        let mut image = match images.iter().find(is_made_by) {
            Some((image, _)) => image.clone(),
            None => read_built_image(target, engine)?,
        };
        image
            .name
            .clone_from(target.tags.first().unwrap_or(&target.image_id));
        images.push((image, Some(target)));
    }
    Ok(images)
}

fn read_built_image(target: &BuiltTarget, engine: &mut LazyEngine) -> Result<Image, InputError> {
    engine.read(&target.image_id).map_err(|error| match error {
        InputError::NotFound { name, endpoint, .. } => InputError::Gone {
            target: target.name.clone(),
            image_id: name,
            endpoint,
        },
        error => error,
    })
}

/// Reads the images that were named, and finds the targets that made them.
///
/// # Errors
///
/// There is no such image, or it cannot be read.
pub(crate) fn read_images<'a>(
    sources: &[Source],
    targets: &'a [BuiltTarget],
    engine: &mut LazyEngine,
) -> Result<Vec<ImageOrigin<'a>>, InputError> {
    let in_registries = sources.iter().filter_map(|source| match source {
        Source::Registry(name) => Some(name.as_str()),
        _ => None,
    });
    let in_registries: Vec<&str> = in_registries.collect();
    let mut in_registries = read_registry_images(&in_registries, engine.options)?.into_iter();
    let mut images = Vec::new();
    for source in sources {
        match source {
            Source::Archive(path) => images.extend(read_archive_file(path, engine.options)?),
            Source::Layout { path, reference } => {
                images.extend(read_layout(path, reference.as_deref(), engine.options)?);
            }
            Source::Stdin => images.extend(read_stdin(engine.options)?),
            Source::Engine(name) => images.push(engine.read(name)?),
            Source::Registry(_) => images.extend(in_registries.next().into_iter().flatten()),
        }
    }
    // The last build of an image is the one whose lines are in the files now.
    let origin = |image: &Image| {
        targets
            .iter()
            .rev()
            .find(|target| is_image_of(target, image))
    };
    let with_origin = |image| {
        let origin = origin(&image);
        (image, origin)
    };
    Ok(images.into_iter().map(with_origin).collect())
}

fn is_image_of(target: &BuiltTarget, image: &Image) -> bool {
    target.image_id == image.id || Some(&target.image_id) == image.engine_id.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_that_made_an_image_is_found_by_either_id() {
        let mut image = Image {
            name: "app".to_owned(),
            id: "sha256:config".to_owned(),
            engine_id: Some("sha256:manifest".to_owned()),
            tags: Vec::new(),
            platform: None,
            settings: serde_json::Value::Null,
            created: None,
            history: Vec::new(),
            layers: Vec::new(),
        };
        let target = |id: &str| BuiltTarget {
            name: "app".to_owned(),
            image_id: id.to_owned(),
            tags: Vec::new(),
            stages: Vec::new(),
            stage_images: Vec::new(),
        };
        assert!(is_image_of(&target("sha256:config"), &image));
        assert!(is_image_of(&target("sha256:manifest"), &image));
        image.engine_id = None;
        assert!(!is_image_of(&target("sha256:manifest"), &image));
    }
}
