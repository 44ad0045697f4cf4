//! What one repository of a registry hands out.

use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::StreamExt;
use oci_client::client::LayerDescriptor;
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE,
    OCI_IMAGE_MEDIA_TYPE,
};
use oci_client::{Client, Reference, RegistryOperation};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use super::RegistryError;
use super::login::Login;
use crate::input::blobs::{BlobError, Blobs, Place, Reading};
use crate::input::bytes::Stream;
use crate::input::digest::named_digest;
use crate::input::download::Download;
use crate::input::layer::{ReadLayer, read_layer};
use crate::input::limits::Limits;
use crate::input::nearest::nearest;
use crate::model::image::Image;

/// The manifests and indexes that are asked for.
const MANIFEST_TYPES: [&str; 4] = [
    OCI_IMAGE_MEDIA_TYPE,
    OCI_IMAGE_INDEX_MEDIA_TYPE,
    IMAGE_MANIFEST_MEDIA_TYPE,
    IMAGE_MANIFEST_LIST_MEDIA_TYPE,
];

/// Chosen: what the network hands over at once is smaller.
const BUFFER_BYTES: usize = 128 * 1024;

/// How a repository is reached.
pub(super) struct Way {
    pub(super) runtime: Arc<Runtime>,
    /// Who may fetch a layer.
    pub(super) downloads: Arc<Semaphore>,
    pub(super) client: Client,
    pub(super) login: Arc<Login>,
}

/// The repository of one image.
pub(super) struct Repository {
    way: Way,
    image: Reference,
    /// Of what the image's name stands for, a manifest or an index.
    digest: String,
    /// The manifests that were read, by their digests: each is needed more than once.
    manifests: Mutex<HashMap<String, Vec<u8>>>,
    document_bytes_max: u64,
}

impl Repository {
    /// Logs in to the repository of an image, and reads what the image's name stands for.
    ///
    /// # Errors
    ///
    /// The registry does not answer, refuses, or has no such image.
    pub(super) fn open(way: Way, image: Reference) -> Result<Self, RegistryError> {
        let mut repository = Self {
            way,
            image,
            digest: String::new(),
            manifests: Mutex::default(),
            document_bytes_max: Limits::default().document_bytes,
        };
        repository.log_in()?;
        repository.digest = repository.read_root()?;
        Ok(repository)
    }

    /// The digest of what the image's name stands for, a manifest or an index.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }

    /// An image that was read here, with the names that it has here.
    pub(super) fn named(&self, image: Image) -> Image {
        let name = self.image.whole();
        let tag = self.image.tag().map(|tag| self.tagged(tag));
        Image {
            engine_id: Some(self.digest.clone()),
            tags: tag.into_iter().collect(),
            name,
            ..image
        }
    }

    /// Gets a token, if the registry wants one: without this, a refused login would only show as a
    /// refused request.
    fn log_in(&self) -> Result<(), RegistryError> {
        let auth = self.way.login.auth();
        let token = self
            .way
            .client
            .auth(&self.image, auth, RegistryOperation::Pull);
        match self.way.runtime.block_on(token) {
            Ok(_) => Ok(()),
            Err(error) => {
                let name = self.image.whole();
                Err(self.fault(&name, error).unwrap_or_else(|| self.no_image()))
            }
        }
    }

    fn read_root(&self) -> Result<String, RegistryError> {
        match self.pull_manifest(&self.image) {
            Ok((bytes, digest)) => {
                self.known_manifests().insert(digest.clone(), bytes);
                Ok(digest)
            }
            Err(error) => {
                let name = self.image.whole();
                Err(self.fault(&name, error).unwrap_or_else(|| self.no_image()))
            }
        }
    }

    fn pull_manifest(&self, image: &Reference) -> Result<(Vec<u8>, String), OciDistributionError> {
        let auth = self.way.login.auth();
        let pulled = self
            .way
            .client
            .pull_manifest_raw(image, auth, &MANIFEST_TYPES);
        let (bytes, digest) = self.way.runtime.block_on(pulled)?;
        Ok((bytes.into(), digest))
    }

    fn known_manifests(&self) -> MutexGuard<'_, HashMap<String, Vec<u8>>> {
        self.manifests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts to read a blob.
    fn blob(&self, digest: &str) -> Result<Blob<'_>, RegistryError> {
        let layer = LayerDescriptor {
            digest,
            // What a manifest says of other places could lead anywhere.
            urls: &None,
        };
        let pulled = self.way.client.pull_blob_stream(&self.image, &layer);
        let pulled = self.way.runtime.block_on(pulled);
        let answer = pulled.map_err(|error| self.blob_fault(digest, error))?;
        let transfer = Arc::new(Transfer::default());
        let (seen, host, what) = (
            Arc::clone(&transfer),
            self.host().to_owned(),
            digest.to_owned(),
        );
        let stream = answer.stream.inspect(move |chunk| match chunk {
            Ok(bytes) => {
                seen.byte_count.fetch_add(bytes.len() as u64, Relaxed);
            }
            Err(error) => seen.fail(RegistryError::of_stream(&host, &what, error)),
        });
        Ok(Blob {
            size_bytes: answer.content_length,
            reader: Box::new(Download::new(&self.way.runtime, stream.boxed())),
            transfer,
        })
    }

    fn read_document(&self, digest: &str) -> Result<Vec<u8>, BlobError> {
        let blob = self.blob(digest)?;
        let limit_bytes = self.document_bytes_max;
        let mut bytes = Vec::new();
        let read = blob.reader.take(limit_bytes + 1).read_to_end(&mut bytes);
        let name = digest.to_owned();
        match (read, blob.transfer.take_failure()) {
            (_, Some(failure)) => Err(failure.into()),
            (Err(source), None) => Err(BlobError::Read { name, source }),
            (Ok(_), None) if bytes.len() as u64 > limit_bytes => {
                Err(BlobError::LargeDocument { name, limit_bytes })
            }
            (Ok(_), None) => Ok(bytes),
        }
    }

    fn read_layer(&self, digest: &str, reading: Reading) -> Result<(ReadLayer, u64), BlobError> {
        let blob = self.blob(digest)?;
        let reader = Stream(BufReader::with_capacity(BUFFER_BYTES, blob.reader));
        match read_layer(reader, reading) {
            Ok(layer) => {
                let read_bytes = blob.transfer.byte_count.load(Relaxed);
                Ok((layer, blob.size_bytes.unwrap_or(read_bytes)))
            }
            Err(error) => Err(match blob.transfer.take_failure() {
                Some(failure) => failure.into(),
                None => BlobError::broken_layer(digest, error),
            }),
        }
    }

    fn host(&self) -> &str {
        self.image.registry()
    }

    fn tagged(&self, tag: &str) -> String {
        format!("{}/{}:{tag}", self.host(), self.image.repository())
    }

    fn blob_fault(&self, digest: &str, error: OciDistributionError) -> RegistryError {
        self.fault(digest, error)
            .unwrap_or_else(|| RegistryError::NoBlob {
                host: self.host().to_owned(),
                image: self.image.whole(),
                digest: digest.to_owned(),
            })
    }

    /// What a request ended with; `None` when there is no such thing.
    fn fault(&self, what: &str, error: OciDistributionError) -> Option<RegistryError> {
        let mut fault = RegistryError::of(self.host(), what, error)?;
        if let RegistryError::Refused { advice, .. } = &mut fault {
            *advice = self.way.login.advice(self.host());
        }
        Some(fault)
    }

    fn no_image(&self) -> RegistryError {
        let auth = self.way.login.auth();
        let tags = self.way.client.list_tags(&self.image, auth, None, None);
        // Advice, so failing to list the tags is none.
        let tags = self.way.runtime.block_on(tags).map(|list| list.tags);
        let names = tags.unwrap_or_default().into_iter();
        let name = self.image.whole();
        RegistryError::NoImage {
            host: self.host().to_owned(),
            nearest: nearest(&name, names.map(|tag| self.tagged(&tag))),
            name,
        }
    }
}

impl Blobs for Repository {
    fn has(&self, _name: &str) -> bool {
        true
    }

    fn document(&self, name: &str) -> Result<Vec<u8>, BlobError> {
        self.read_document(&blob_digest(name)?)
    }

    fn manifest(&self, name: &str) -> Result<Vec<u8>, BlobError> {
        let digest = blob_digest(name)?;
        if let Some(bytes) = self.known_manifests().get(&digest) {
            return Ok(bytes.clone());
        }
        let image = self.image.clone_with_digest(digest.clone());
        let (bytes, _) = self
            .pull_manifest(&image)
            .map_err(|error| self.blob_fault(&digest, error))?;
        self.known_manifests().insert(digest, bytes.clone());
        Ok(bytes)
    }

    fn place(&self, name: &str) -> Result<Place, BlobError> {
        Ok(Place {
            name: name.to_owned(),
            size_bytes: None,
        })
    }

    fn layer(&self, name: &str, reading: Reading) -> Result<(ReadLayer, u64), BlobError> {
        let digest = blob_digest(name)?;
        // There is always one to be had in the end: nobody closes the semaphore.
        let _permit = self.way.runtime.block_on(self.way.downloads.acquire());
        match self.read_layer(&digest, reading) {
            Err(BlobError::Registry(failure)) if failure.is_temporary() => {
                self.read_layer(&digest, reading)
            }
            result => result,
        }
    }
}

/// A blob that arrives.
struct Blob<'a> {
    /// How many bytes there are. `None` when the registry does not say.
    size_bytes: Option<u64>,
    /// Its bytes, with an error at the end when their digest is another one.
    reader: Box<dyn Read + Send + 'a>,
    transfer: Arc<Transfer>,
}

/// What is known of a transfer by whoever had to give its reader away.
#[derive(Debug, Default)]
struct Transfer {
    /// How many bytes came.
    byte_count: AtomicU64,
    failure: Mutex<Option<RegistryError>>,
}

impl Transfer {
    fn fail(&self, error: RegistryError) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// What the registry did, if it did something.
    fn take_failure(&self) -> Option<RegistryError> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take()
    }
}

fn blob_digest(name: &str) -> Result<String, BlobError> {
    named_digest(name).ok_or_else(|| BlobError::Missing {
        name: name.to_owned(),
    })
}
