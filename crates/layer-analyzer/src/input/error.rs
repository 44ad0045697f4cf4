//! Why an image cannot be read.

use bollard::errors::Error as ApiError;
use common::engine::EngineError;
use common::error::CommandError;
use std::io;

use super::archive::ArchiveError;

/// Why an image cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// The archive's file cannot be opened; the error names it.
    #[error(transparent)]
    Open(io::Error),
    /// The archive, or what the Engine exports, is not a whole image.
    #[error("failed to read `{name}` as an image archive")]
    Archive { name: String, source: ArchiveError },
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
    #[error("failed to start the runtime for the connection to the Engine")]
    Runtime(#[source] io::Error),
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
            InputError::Api { ref source, .. }
                if !matches!(**source, ApiError::DockerResponseServerError { .. }) =>
            {
                Self::unavailable(error)
            }
            error => Self::input(error),
        }
    }
}
