//! An Engine that answers.

use super::{Endpoint, EndpointError};
use crate::error::CommandError;
use crate::report::EngineInfo;

/// An Engine that has answered.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Where it listens; for connections of one's own, such as BuildKit's.
    pub endpoint: Endpoint,
    /// The client of its API, at the version that both sides know.
    pub api: bollard::Docker,
    /// What it says of itself.
    pub info: EngineInfo,
}

impl Engine {
    /// Finds the Engine that `host` or the environment names, and asks for its version.
    ///
    /// # Errors
    ///
    /// It cannot be said which Engine is meant, or that one does not answer.
    pub async fn connect(_host: Option<&str>) -> Result<Self, EngineError> {
        unimplemented!("being written by the owner of common")
    }
}

/// Why there is no Engine to talk to.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// It cannot be said which Engine is meant.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        Self::unavailable(error)
    }
}
