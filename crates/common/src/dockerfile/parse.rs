//! From text to stages and instructions.

use super::{Dockerfile, DockerfileError};

/// Parses a Dockerfile.
///
/// # Errors
///
/// The text is not a Dockerfile; the error names line and column.
pub fn parse(_text: &str) -> Result<Dockerfile, DockerfileError> {
    unimplemented!("written by the build-orchestrator helper")
}
