//! Where the documents and layers of images are, whatever keeps them.

use std::io;
use std::sync::Arc;

use super::layer::{LayerError, ReadLayer};
use super::layer_tar::Depth;
use super::limits::{Budget, LimitError};
use super::registry::RegistryError;

/// An archive, a folder or a registry with the documents and layers of images.
///
/// What it holds is called by its path in an archive: `manifest.json`, `blobs/sha256/…`. A registry
/// has blobs only.
pub(crate) trait Blobs: Sync {
    /// Whether there is something of that name. A registry has to be believed.
    fn has(&self, name: &str) -> bool;

    /// Reads a JSON document whole.
    ///
    /// # Errors
    ///
    /// There is none, it is no document or too large, or it cannot be read.
    fn document(&self, name: &str) -> Result<Vec<u8>, BlobError>;

    /// Reads an index or manifest that is called by its digest, which a registry keeps elsewhere than
    /// other documents.
    ///
    /// # Errors
    ///
    /// As [`Blobs::document`].
    fn manifest(&self, name: &str) -> Result<Vec<u8>, BlobError> {
        self.document(name)
    }

    /// Finds a layer without reading it.
    ///
    /// # Errors
    ///
    /// There is none, or it is a link that leads nowhere.
    fn place(&self, name: &str) -> Result<Place, BlobError>;

    /// Reads the blob of a layer, and returns its size too, in bytes. Is called once for each place,
    /// so that what was kept of a stream can be handed over.
    ///
    /// # Errors
    ///
    /// There is none, it is no layer, or it cannot be read.
    fn layer(&self, name: &str, reading: Reading) -> Result<(ReadLayer, u64), BlobError>;
}

/// Where a layer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// What it is called without links: equal names are the same bytes.
    pub(crate) name: String,
    /// How many bytes there are to read. `None` when they were read, or have to be read anyway.
    pub(crate) size_bytes: Option<u64>,
}

/// How layers are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    /// How much of them.
    pub(crate) depth: Depth,
    /// What they may take.
    pub(crate) budget: &'a Budget,
}

/// Why a document or layer cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlobError {
    #[error("`{name}` is not there")]
    Missing { name: String },
    #[error("`{name}` is not there, and the archive is cut off at byte {offset}")]
    CutOff { name: String, offset: u64 },
    #[error("`{name}` leads to `{target}`, which is not there")]
    DeadLink { name: String, target: String },
    #[error("`{name}` is a link that leads to itself")]
    LinkLoop { name: String },
    #[error("`{name}` leads out of the folder")]
    LeadsOut { name: String },
    #[error("`{name}` is not {role}")]
    WrongContent { name: String, role: &'static str },
    #[error("`{name}` is larger than {limit_bytes} bytes, which is the limit for a document")]
    LargeDocument { name: String, limit_bytes: u64 },
    #[error("layer `{name}` is broken")]
    Layer {
        name: String,
        source: Arc<LayerError>,
    },
    #[error("`{name}` cannot be read")]
    Read { name: String, source: io::Error },
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl BlobError {
    /// A layer that is there but cannot be read.
    pub(crate) fn broken_layer(name: &str, source: LayerError) -> Self {
        match source {
            LayerError::Limit(limit) => limit.into(),
            source => Self::Layer {
                name: name.to_owned(),
                source: Arc::new(source),
            },
        }
    }
}
