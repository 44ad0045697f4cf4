//! A byte stream to an Engine, whatever lies between.

use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Endpoint;

/// A stream of bytes to and from an Engine.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

impl Endpoint {
    /// Opens a connection. Each call makes a new one.
    ///
    /// # Errors
    ///
    /// Nobody listens, or the TLS or ssh session cannot be set up.
    pub async fn dial(&self) -> io::Result<Box<dyn Connection>> {
        match self {
            Self::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
            _ => unimplemented!("being written by the owner of common"),
        }
    }
}
