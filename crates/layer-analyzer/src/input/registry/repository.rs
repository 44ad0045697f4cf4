//! What one repository of a registry hands out.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{StreamExt, TryStreamExt};
use oci_client::client::LayerDescriptor;
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE,
    OCI_IMAGE_MEDIA_TYPE,
};
use oci_client::{Client, Reference, RegistryOperation};
use tokio::runtime::Runtime;

use super::RegistryError;
use super::login::Login;
use crate::input::download::Download;
use crate::input::nearest::nearest;

/// The manifests and indexes that are asked for.
const MANIFEST_TYPES: [&str; 4] = [
    OCI_IMAGE_MEDIA_TYPE,
    OCI_IMAGE_INDEX_MEDIA_TYPE,
    IMAGE_MANIFEST_MEDIA_TYPE,
    IMAGE_MANIFEST_LIST_MEDIA_TYPE,
];

/// The repository of one image.
pub(crate) struct Repository<'a> {
    runtime: &'a Runtime,
    client: Client,
    image: Reference,
    login: Arc<Login>,
}

impl<'a> Repository<'a> {
    /// Logs in to the repository of an image.
    ///
    /// # Errors
    ///
    /// The registry refuses, or does not answer.
    pub(super) fn open(
        runtime: &'a Runtime,
        client: Client,
        image: Reference,
        login: Arc<Login>,
    ) -> Result<Self, RegistryError> {
        let repository = Self {
            runtime,
            client,
            image,
            login,
        };
        repository.log_in()?;
        Ok(repository)
    }

    /// What the image is called in full, without its digest if it has a tag.
    pub(crate) fn image(&self) -> &Reference {
        &self.image
    }

    /// Reads the manifest or index that the image's name stands for, and its digest.
    ///
    /// # Errors
    ///
    /// The registry has none, refuses, or does not answer.
    pub(crate) fn root(&self) -> Result<(Vec<u8>, String), RegistryError> {
        let name = self.image.whole();
        match self.pull_manifest(&self.image) {
            Ok((bytes, digest)) => Ok((bytes.into(), digest)),
            Err(error) => Err(self
                .fault(&name, error)
                .unwrap_or_else(|| self.no_image(name))),
        }
    }

    /// Reads a manifest or index by its digest.
    ///
    /// # Errors
    ///
    /// The registry has none, refuses, or does not answer.
    pub(crate) fn manifest(&self, digest: &str) -> Result<Vec<u8>, RegistryError> {
        let image = self.image.clone_with_digest(digest.to_owned());
        match self.pull_manifest(&image) {
            Ok((bytes, _)) => Ok(bytes.into()),
            Err(error) => Err(self.blob_fault(digest, error)),
        }
    }

    /// Reads a blob whole, which is a JSON document of at most `limit_bytes`.
    ///
    /// # Errors
    ///
    /// The registry has none, refuses, or does not answer to the end, or the document is larger.
    pub(crate) fn document(
        &self,
        digest: &str,
        limit_bytes: u64,
    ) -> Result<Vec<u8>, RegistryError> {
        let blob = self.blob(digest)?;
        let mut bytes = Vec::new();
        let read = blob.reader.take(limit_bytes + 1).read_to_end(&mut bytes);
        if let Err(error) = read {
            return Err(blob.failure.take(self.host(), digest, &error));
        }
        if bytes.len() as u64 > limit_bytes {
            return Err(RegistryError::LargeDocument {
                host: self.host().to_owned(),
                what: digest.to_owned(),
                limit_bytes,
            });
        }
        Ok(bytes)
    }

    /// Starts to read a blob.
    ///
    /// # Errors
    ///
    /// The registry has none, refuses, or does not answer.
    pub(crate) fn blob(&self, digest: &str) -> Result<Blob<'_>, RegistryError> {
        let layer = LayerDescriptor {
            digest,
            urls: &None,
        };
        let pulled = self
            .runtime
            .block_on(self.client.pull_blob_stream(&self.image, &layer));
        let answer = pulled.map_err(|error| self.blob_fault(digest, error))?;
        let failure = Failure::default();
        let (seen, host, what) = (failure.clone(), self.host().to_owned(), digest.to_owned());
        let stream = answer.stream.map_err(move |error| {
            seen.put(RegistryError::of_stream(&host, &what, &error));
            error
        });
        Ok(Blob {
            size_bytes: answer.content_length,
            reader: Box::new(Download::new(self.runtime, stream.boxed())),
            failure,
        })
    }

    fn host(&self) -> &str {
        self.image.registry()
    }

    /// Gets a token, if the registry wants one: without this, a refused login would only show as a
    /// refused request.
    fn log_in(&self) -> Result<(), RegistryError> {
        let auth = self
            .client
            .auth(&self.image, self.login.auth(), RegistryOperation::Pull);
        let host = self.host().to_owned();
        match self.runtime.block_on(auth) {
            Ok(_) => Ok(()),
            Err(error) => {
                Err(self
                    .fault(&self.image.whole(), error)
                    .unwrap_or(RegistryError::Answer {
                        host,
                        what: "a token".to_owned(),
                        answer: "there is none".to_owned(),
                        is_temporary: false,
                    }))
            }
        }
    }

    fn pull_manifest(
        &self,
        image: &Reference,
    ) -> Result<(impl Into<Vec<u8>> + use<>, String), OciDistributionError> {
        let pulled = self
            .client
            .pull_manifest_raw(image, self.login.auth(), &MANIFEST_TYPES);
        self.runtime.block_on(pulled)
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
            *advice = self.login.advice(self.host());
        }
        Some(fault)
    }

    fn no_image(&self, name: String) -> RegistryError {
        let tags = self
            .client
            .list_tags(&self.image, self.login.auth(), None, None);
        // Advice, so failing to list the tags is none.
        let tags = self.runtime.block_on(tags).map(|list| list.tags);
        let repository = format!("{}/{}", self.host(), self.image.repository());
        let names = tags.unwrap_or_default().into_iter();
        RegistryError::NoImage {
            host: self.host().to_owned(),
            nearest: nearest(&name, names.map(|tag| format!("{repository}:{tag}"))),
            name,
        }
    }
}

/// A blob that arrives.
pub(crate) struct Blob<'a> {
    /// How many bytes there are, if the registry says so.
    pub(crate) size_bytes: Option<u64>,
    /// Its bytes, of which the last one is followed by an error when the digest is another one.
    pub(crate) reader: Box<dyn Read + Send + 'a>,
    /// What the reader failed with.
    pub(crate) failure: Failure,
}

/// What a reader failed with, for whoever had to give the reader away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<RegistryError>>>);

impl Failure {
    fn put(&self, error: RegistryError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// What the registry did, if it did something.
    pub(crate) fn take_any(&self) -> Option<RegistryError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn take(&self, host: &str, what: &str, error: &io::Error) -> RegistryError {
        self.take_any()
            .unwrap_or_else(|| RegistryError::of_stream(host, what, error))
    }
}
