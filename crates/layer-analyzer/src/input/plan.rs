//! Which images a source holds, and of which blobs they are made: no layer is read for it.

pub(crate) mod index;

mod docker;

use common::report::sha256_hex;
use serde::de::DeserializeOwned;

use super::blobs::{BlobError, Blobs};
use super::config::Config;
use super::digest;
use super::image_error::ImageError;
use super::limits::Budget;
use super::platform::Platform;

const DOCKER_MANIFEST: &str = "manifest.json";
const OCI_INDEX: &str = "index.json";

/// Which images of a source are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Those for this platform. `None`: those for this machine's where there are several.
    pub(crate) platform: Option<Platform>,
    /// Those that are called so. `None`: all.
    pub(crate) reference: Option<String>,
    /// Those of the OCI index, also where there is a manifest of Docker's.
    pub(crate) is_oci: bool,
}

/// An image of which everything is known but what is in the layers.
#[derive(Debug)]
pub(crate) struct PlannedImage {
    /// Digest of the configuration.
    pub(crate) id: String,
    pub(crate) config: Config,
    /// Digest of the manifest. `None` when there is none of its own.
    pub(crate) manifest_digest: Option<String>,
    /// The names that it carries, sorted.
    pub(crate) tags: Vec<String>,
    pub(crate) layers: Vec<PlannedLayer>,
}

/// A layer that is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedLayer {
    /// What its blob is called.
    pub(crate) name: String,
    /// The digest that the blob should have. `None` when it is not called by it.
    pub(crate) digest: Option<String>,
    /// The digest that the uncompressed archive should have.
    pub(crate) diff_id: String,
}

/// Finds the images of an archive or folder.
///
/// # Errors
///
/// There is none, a document is not whole, or several images could be meant.
pub(crate) fn plan_images(
    blobs: &dyn Blobs,
    budget: &Budget,
    wanted: &Wanted,
) -> Result<Vec<PlannedImage>, ImageError> {
    let documents = Documents { blobs, budget };
    let (has_docker, has_oci) = (blobs.has(DOCKER_MANIFEST), blobs.has(OCI_INDEX));
    let is_all = wanted.platform.is_none() && wanted.reference.is_none() && !wanted.is_oci;
    if has_docker && (is_all || !has_oci) {
        return docker::images(documents, wanted);
    }
    if !has_oci {
        return match documents.blobs.document(DOCKER_MANIFEST) {
            Err(BlobError::Missing { .. }) | Ok(_) => Err(ImageError::NoDocument),
            Err(error) => Err(error.into()),
        };
    }
    match index::images(documents, wanted) {
        // Engine 25.0.0 wrote manifests without layers; source: moby#47065. Others leave the index
        // empty.
        Err(
            error @ (ImageError::LayerCount { .. }
            | ImageError::NoImage { .. }
            | ImageError::NoPlatform { .. }),
        ) if has_docker => docker::images(documents, wanted).map_err(|_| error),
        images => images,
    }
}

/// The documents of a source, as far as they may be read.
#[derive(Clone, Copy)]
struct Documents<'a> {
    blobs: &'a dyn Blobs,
    budget: &'a Budget,
}

impl Documents<'_> {
    /// Reads a document that says which blobs there are, and returns its digest too.
    fn manifest<T: DeserializeOwned>(&self, digest: &str) -> Result<T, ImageError> {
        let name = digest::blob_name(digest)?;
        let bytes = self.blobs.manifest(&name)?;
        self.parse(&name, &bytes, Some(digest))
            .map(|(document, _)| document)
    }

    /// Reads any other document, and returns its digest too.
    fn document<T: DeserializeOwned>(&self, name: &str) -> Result<(T, String), ImageError> {
        let bytes = self.blobs.document(name)?;
        self.parse(name, &bytes, digest::named_digest(name).as_deref())
    }

    fn parse<T: DeserializeOwned>(
        &self,
        name: &str,
        bytes: &[u8],
        expected: Option<&str>,
    ) -> Result<(T, String), ImageError> {
        self.budget.take_json(bytes.len())?;
        let found = sha256_hex(bytes);
        if let Some(expected) = expected {
            digest::check(name, expected, &found)?;
        }
        let document = serde_json::from_slice(bytes).map_err(|source| ImageError::Json {
            name: name.to_owned(),
            source,
        })?;
        Ok((document, found))
    }
}

/// Joins the blobs of layers, each with its digest if it has one, with the digests that the
/// configuration lists.
fn planned_layers(
    config: &Config,
    config_name: &str,
    manifest_name: &str,
    blobs: Vec<(String, Option<String>)>,
) -> Result<Vec<PlannedLayer>, ImageError> {
    let diff_ids = config.rootfs.diff_ids.as_deref().unwrap_or_default();
    if diff_ids.len() != blobs.len() {
        return Err(ImageError::LayerCount {
            config: config_name.to_owned(),
            manifest: manifest_name.to_owned(),
            diff_ids: diff_ids.len(),
            layers: blobs.len(),
        });
    }
    let layers = blobs.into_iter().zip(diff_ids);
    let layers = layers.map(|((name, digest), diff_id)| PlannedLayer {
        name,
        digest,
        diff_id: diff_id.clone(),
    });
    Ok(layers.collect())
}

/// The platforms as a person reads them, each once.
fn platform_list<'a>(platforms: impl Iterator<Item = Option<&'a Platform>>) -> Vec<String> {
    let name =
        |platform: Option<&Platform>| platform.map_or("unknown".to_owned(), Platform::to_string);
    let mut names: Vec<String> = platforms.map(name).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
