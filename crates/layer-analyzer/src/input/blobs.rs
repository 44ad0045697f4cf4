//! Where the documents and layers of images are, whatever keeps them.

use super::layer::ReadLayer;
use super::layer_tar::Depth;
use super::tar::TarError;

/// An archive, a folder or a registry with the documents and layers of images.
///
/// What it holds is called by its path in an archive: `manifest.json`, `blobs/sha256/…`. A registry
/// has blobs only.
pub(crate) trait Blobs: Sync {
    /// Reads a JSON document whole.
    ///
    /// # Errors
    ///
    /// There is none, it is no document or too large, or it cannot be read.
    fn document(&self, name: &str) -> Result<Vec<u8>, BlobError>;

    /// Reads the blob of a layer, and returns its size too, in bytes.
    ///
    /// # Errors
    ///
    /// There is none, it is no layer, or it cannot be read.
    fn layer(&self, name: &str, depth: Depth) -> Result<(ReadLayer, u64), BlobError>;
}

/// Why a document or layer cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlobError {
    #[error("`{name}` is not there")]
    Missing { name: String },
    #[error("`{name}` is not {role}")]
    WrongContent { name: String, role: &'static str },
    #[error("`{name}` is too large for a document")]
    LargeDocument { name: String },
    #[error("layer `{name}` is broken")]
    Layer { name: String, source: TarError },
    #[error("`{name}` cannot be read")]
    Read {
        name: String,
        source: std::io::Error,
    },
}
