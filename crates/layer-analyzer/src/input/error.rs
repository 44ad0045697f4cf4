//! Why an image cannot be read.

use bollard::errors::Error as ApiError;
use common::engine::EngineError;
use common::error::CommandError;
use std::io;

use super::archive::ArchiveError;
use super::blobs::BlobError;
use super::image_error::ImageError;
use super::registry::RegistryError;

/// Why an image cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// The archive's file cannot be opened; the error names it.
    #[error(transparent)]
    Open(io::Error),
    /// An archive is a file.
    #[error("`{name}` is a folder without `oci-layout`")]
    Folder { name: String },
    /// The file, stream, or what the Engine exports, is no whole archive.
    #[error("failed to read `{name}` as an image archive")]
    Archive { name: String, source: ArchiveError },
    /// There is no whole image in it, or several.
    #[error("failed to read an image of `{name}`")]
    Image { name: String, source: ImageError },
    /// A registry has no such image, or does not hand it out.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The Engine has no such image.
    #[error("no image `{name}` in the Engine at `{endpoint}`")]
    NotFound {
        name: String,
        endpoint: String,
        /// The most similar name that the Engine has.
        nearest: Option<String>,
    },
    /// The Engine has no longer what it built.
    #[error("image `{image_id}` of target `{target}` is not in the Engine at `{endpoint}`")]
    Gone {
        target: String,
        image_id: String,
        endpoint: String,
    },
    /// There is no Engine to ask.
    #[error("no Engine to ask for `{name}`")]
    Engine { name: String, source: EngineError },
    /// The Engine refuses, or the connection broke.
    #[error("the Engine did not hand out `{name}`")]
    Api { name: String, source: Box<ApiError> },
    /// Asynchronous work cannot be started.
    #[error("failed to start the runtime for connections")]
    Runtime(#[source] io::Error),
}

impl InputError {
    pub(super) fn archive(name: &str, source: ArchiveError) -> Self {
        let name = name.to_owned();
        Self::Archive { name, source }
    }

    pub(super) fn image(name: &str, source: ImageError) -> Self {
        let name = name.to_owned();
        Self::Image { name, source }
    }
}

impl From<InputError> for CommandError {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Engine { name, source } => {
                Self::from(source).hint(format!("it is needed for `{name}`, which is not a file"))
            }
            InputError::Gone { .. } => Self::input(error).hint("build the target again"),
            InputError::NotFound { ref nearest, .. } => {
                let hint = match nearest {
                    Some(name) => format!("there is `{name}`"),
                    None => "build or pull it first, or give the path of a `docker save` archive"
                        .to_owned(),
                };
                Self::input(error).hint(hint)
            }
            InputError::Registry(error)
            | InputError::Image {
                source: ImageError::Blob(BlobError::Registry(error)),
                ..
            } => Self::from(error),
            InputError::Image { ref source, .. } => {
                let hint = source.hint();
                let error = Self::input(error);
                match hint {
                    Some(hint) => error.hint(hint),
                    None => error,
                }
            }
            InputError::Api { ref source, .. }
                if !matches!(**source, ApiError::DockerResponseServerError { .. }) =>
            {
                Self::unavailable(error)
            }
            error => Self::input(error),
        }
    }
}
