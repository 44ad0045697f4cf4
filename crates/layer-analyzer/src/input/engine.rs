//! Images of the Engine, read from its export while it streams.

use bollard::Docker;
use bollard::errors::Error as ApiError;
use bollard::models::ImageInspect;
use bollard::query_parameters::ListImagesOptions;
use common::engine::Engine;
use futures_util::stream::{StreamExt, TryStreamExt};
use std::io::{self, BufReader};
use tokio::runtime::{Builder, Runtime};

use super::download::Download;
use super::error::InputError;
use super::nearest::nearest;
use super::source::{ImageOptions, read_archive_stream};
use crate::model::image::Image;

/// An Engine to read images from.
pub(crate) struct EngineImages {
    /// Moves the bytes on a thread of its own while this one parses them.
    runtime: Runtime,
    engine: Engine,
}

impl EngineImages {
    /// Connects to the Engine that `host` or the environment names, to ask it for `name` first.
    ///
    /// # Errors
    ///
    /// No Engine answers.
    pub(crate) fn connect(host: Option<&str>, name: &str) -> Result<Self, InputError> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(InputError::Runtime)?;
        let engine =
            runtime
                .block_on(Engine::connect(host))
                .map_err(|source| InputError::Engine {
                    name: name.to_owned(),
                    source,
                })?;
        Ok(Self { runtime, engine })
    }

    /// Reads the image that `name` names, be it a name or an id.
    ///
    /// # Errors
    ///
    /// There is no such image, or what the Engine exports is not whole.
    pub(crate) fn read(&self, name: &str, options: &ImageOptions) -> Result<Image, InputError> {
        let inspected = self.inspect(name)?;
        let id = inspected.id.unwrap_or_default();
        // By id, because a name without a tag exports every image of the repository.
        let stream = self.engine.api.export_image(&id);
        let stream = stream.map_err(io::Error::other).boxed();
        let export = Download::new(&self.runtime, stream);
        let images = read_archive_stream(BufReader::new(export), name, options)?;
        let mut image = images
            .into_iter()
            .next()
            .expect("an archive that is read has an image");
        image.engine_id = Some(id);
        image.tags = inspected.repo_tags.unwrap_or_default();
        image.tags.sort();
        Ok(image)
    }

    fn inspect(&self, name: &str) -> Result<ImageInspect, InputError> {
        if !is_reference(name) {
            return Err(self.not_found(name));
        }
        match self.runtime.block_on(self.engine.api.inspect_image(name)) {
            Ok(inspected) => Ok(inspected),
            Err(ApiError::DockerResponseServerError {
                status_code: 404, ..
            }) => Err(self.not_found(name)),
            Err(error) => Err(InputError::Api {
                name: name.to_owned(),
                source: Box::new(error),
            }),
        }
    }

    fn not_found(&self, name: &str) -> InputError {
        let nearest = nearest_name(&self.engine.api, name);
        InputError::NotFound {
            name: name.to_owned(),
            endpoint: self.engine.endpoint.to_string(),
            nearest: self.runtime.block_on(nearest),
        }
    }
}

/// Whether a text can name an image. Anything else must not get into the path of a request.
/// Source: <https://pkg.go.dev/github.com/distribution/reference>
fn is_reference(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
    let is_part = |part: &str| part.starts_with(|c: char| c.is_ascii_alphanumeric());
    name.chars().all(is_allowed) && name.split('/').all(is_part)
}

/// The most similar name of an image, if one is similar. Advice, so failing to find one is none.
async fn nearest_name(api: &Docker, name: &str) -> Option<String> {
    let images = api.list_images(None::<ListImagesOptions>).await.ok()?;
    let names = images.into_iter().flat_map(|image| image.repo_tags);
    nearest(name, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_name_an_image_is_asked_for() {
        for name in [
            "debian",
            "reg:5000/a/b_c:1.0",
            "sha256:0a1b",
            "a@sha256:0a1b",
        ] {
            assert!(is_reference(name), "{name}");
        }
        for name in ["", "-", "/a", "a/../b", "a?b", "a b", "a#b", "a//b"] {
            assert!(!is_reference(name), "{name}");
        }
    }
}
