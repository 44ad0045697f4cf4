//! The manifests that an index leads to, through other indexes.

use std::collections::HashSet;

use super::Documents;
use crate::input::digest::blob_name;
use crate::input::image_error::ImageError;
use crate::input::limits::LimitError;
use crate::input::oci::{Descriptor, Document, Role};
use crate::input::platform::Platform;

/// A manifest, of an image or of something else.
pub(super) struct Leaf {
    pub(super) digest: String,
    /// What its descriptor says that it is for. `None` when it does not.
    pub(super) platform: Option<Platform>,
}

/// What an index leads to.
#[derive(Default)]
pub(super) struct Leaves {
    /// The manifests that are there, each once, in the order of the indexes.
    pub(super) present: Vec<Leaf>,
    /// Digests of manifests and indexes that are not there: a layout need not be whole.
    pub(super) absent: Vec<String>,
    /// What else there is.
    pub(super) others: Vec<String>,
    /// The digests that were met: an index that is listed often is read once.
    met: HashSet<String>,
}

impl Leaves {
    pub(super) fn find(
        documents: Documents<'_>,
        descriptors: &[Descriptor],
    ) -> Result<Self, ImageError> {
        let mut leaves = Self::default();
        leaves.add_all(documents, descriptors, 0)?;
        Ok(leaves)
    }

    fn add_all(
        &mut self,
        documents: Documents<'_>,
        descriptors: &[Descriptor],
        depth: usize,
    ) -> Result<(), ImageError> {
        let limits = &documents.budget.limits;
        if depth > limits.index_depth {
            return Err(LimitError::Nesting(limits.index_depth).into());
        }
        if descriptors.len() > limits.manifest_count {
            return Err(LimitError::Manifests(limits.manifest_count).into());
        }
        for descriptor in descriptors {
            self.add(documents, descriptor, depth)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        documents: Documents<'_>,
        descriptor: &Descriptor,
        depth: usize,
    ) -> Result<(), ImageError> {
        let role = descriptor.role();
        if role == Role::Other {
            self.others.push(descriptor.kind().to_owned());
            return Ok(());
        }
        let digest = &descriptor.digest;
        if !self.met.insert(digest.clone()) {
            return Ok(());
        }
        if !documents.blobs.has(&blob_name(digest)?) {
            self.absent.push(digest.clone());
            return Ok(());
        }
        if role != Role::Manifest {
            let document: Document = documents.manifest(digest)?;
            if let Some(descriptors) = document.manifests {
                return self.add_all(documents, &descriptors, depth + 1);
            }
        }
        self.present.push(Leaf {
            digest: digest.clone(),
            platform: descriptor.platform(),
        });
        Ok(())
    }
}
