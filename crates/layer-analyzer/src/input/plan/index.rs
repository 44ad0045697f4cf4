//! The images of an OCI index, which can hold other indexes, attestations and things unknown.
//!
//! Descriptors with the same name, or without one, are the platforms of one image. Source:
//! image-spec image-layout.md and image-index.md.

mod leaves;

use std::collections::BTreeMap;

use super::{Documents, OCI_INDEX, PlannedImage, Wanted, planned_layers, platform_list};
use crate::input::blobs::Blobs;
use crate::input::config::Config;
use crate::input::digest::blob_name;
use crate::input::image_error::ImageError;
use crate::input::limits::{Budget, LimitError};
use crate::input::oci::{Descriptor, Document};
use crate::input::platform::Platform;
use leaves::{Leaf, Leaves};

/// Finds the images of a layout.
pub(super) fn images(
    documents: Documents<'_>,
    wanted: &Wanted,
) -> Result<Vec<PlannedImage>, ImageError> {
    let (index, _): (Document, _) = documents.document(OCI_INDEX)?;
    let mut descriptors = index.manifests.unwrap_or_default();
    if descriptors.len() > documents.budget.limits.manifest_count {
        return Err(LimitError::Manifests(documents.budget.limits.manifest_count).into());
    }
    if let Some(reference) = &wanted.reference {
        let names = descriptors.iter().filter_map(Descriptor::tag).collect();
        descriptors.retain(|descriptor| descriptor.is_called(reference));
        if descriptors.is_empty() {
            let reference = reference.clone();
            return Err(ImageError::NoReference { reference, names });
        }
    }
    named_images(documents, OCI_INDEX, descriptors, wanted)
}

/// Finds the image that one descriptor leads to, maybe of several platforms: what a registry has
/// under a name.
///
/// # Errors
///
/// It is no image, there is none for the platform, or a document is not whole.
pub(crate) fn descriptor_images(
    blobs: &dyn Blobs,
    budget: &Budget,
    descriptor: Descriptor,
    wanted: &Wanted,
) -> Result<Vec<PlannedImage>, ImageError> {
    let name = blob_name(&descriptor.digest)?;
    named_images(Documents { blobs, budget }, &name, vec![descriptor], wanted)
}

fn named_images(
    documents: Documents<'_>,
    index: &str,
    descriptors: Vec<Descriptor>,
    wanted: &Wanted,
) -> Result<Vec<PlannedImage>, ImageError> {
    let mut names: Vec<Option<String>> = Vec::new();
    let mut groups: BTreeMap<Option<String>, Vec<Descriptor>> = BTreeMap::new();
    for descriptor in descriptors {
        let name = descriptor.tag();
        if !groups.contains_key(&name) {
            names.push(name.clone());
        }
        groups.entry(name).or_default().push(descriptor);
    }
    let mut images = Vec::new();
    let mut others = Vec::new();
    let mut refusal = None;
    for name in names {
        let descriptors = groups.remove(&name).unwrap_or_default();
        match group_images(documents, &descriptors, &mut others, wanted) {
            Ok(found) => merge(&mut images, found, name.as_deref()),
            // Another image may be there for the platform.
            Err(error @ ImageError::NoPlatform { .. }) => refusal = refusal.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match refusal {
        _ if !images.is_empty() => Ok(images),
        Some(refusal) => Err(refusal),
        None => Err(no_image(index, others)),
    }
}

fn no_image(index: &str, mut others: Vec<String>) -> ImageError {
    let name = index.to_owned();
    others.sort();
    others.dedup();
    if others.is_empty() {
        ImageError::NoImage { name }
    } else {
        let others = others.join(", ");
        ImageError::OnlyOthers { name, others }
    }
}

/// Adds images; one that is there already gets one more name.
fn merge(images: &mut Vec<PlannedImage>, found: Vec<PlannedImage>, name: Option<&str>) {
    for mut image in found {
        let is_same = |other: &&mut PlannedImage| other.manifest_digest == image.manifest_digest;
        let known = images.iter_mut().find(is_same);
        let is_new = known.is_none();
        let target = known.unwrap_or(&mut image);
        target.tags.extend(name.map(str::to_owned));
        target.tags.sort();
        target.tags.dedup();
        if is_new {
            images.push(image);
        }
    }
}

/// A manifest with its configuration, which says for certain what it is for.
struct Candidate {
    image: PlannedImage,
    platform: Option<Platform>,
}

/// Finds the images of one name: more than one only if they are for the same platform.
fn group_images(
    documents: Documents<'_>,
    descriptors: &[Descriptor],
    others: &mut Vec<String>,
    wanted: &Wanted,
) -> Result<Vec<PlannedImage>, ImageError> {
    let leaves = Leaves::find(documents, descriptors)?;
    others.extend(leaves.others);
    if leaves.present.is_empty() {
        return match leaves.absent.first() {
            // What is not there is an error only if nothing is.
            Some(absent) => Err(documents.absent(absent)),
            None => Ok(Vec::new()),
        };
    }
    let choice = Choice::of(wanted);
    let known: Vec<Option<Platform>> = leaves
        .present
        .iter()
        .map(|leaf| leaf.platform.clone())
        .collect();
    let mut candidates = Vec::new();
    for leaf in &leaves.present {
        let is_possible = leaf
            .platform
            .as_ref()
            .is_none_or(|platform| choice.takes(platform, &known));
        if is_possible {
            match candidate(documents, leaf)? {
                Ok(candidate) => candidates.push(candidate),
                Err(kind) => others.push(kind),
            }
        }
    }
    if candidates.is_empty() && known.iter().all(Option::is_none) {
        return Ok(Vec::new());
    }
    let found: Vec<Option<Platform>> = candidates
        .iter()
        .map(|candidate| candidate.platform.clone())
        .collect();
    let is_taken = |candidate: &Candidate| match &candidate.platform {
        Some(platform) => choice.takes(platform, &found),
        None => !choice.is_strict && found.iter().all(Option::is_none),
    };
    candidates.retain(is_taken);
    if candidates.is_empty() {
        let platforms = known.iter().chain(&found).flatten().map(Some);
        return Err(choice.refusal(platform_list(platforms)));
    }
    Ok(candidates
        .into_iter()
        .map(|candidate| candidate.image)
        .collect())
}

/// Reads a manifest and its configuration. What is no image is returned as what it is.
fn candidate(
    documents: Documents<'_>,
    leaf: &Leaf,
) -> Result<Result<Candidate, String>, ImageError> {
    let manifest: Document = documents.manifest(&leaf.digest)?;
    let Some(config) = manifest.config.as_ref().filter(|_| manifest.is_image()) else {
        return Ok(Err(manifest.kind().to_owned()));
    };
    let config_name = blob_name(&config.digest)?;
    let (config, id): (Config, _) = documents.document(&config_name)?;
    let mut blobs = Vec::new();
    for layer in manifest.layers.iter().flatten() {
        blobs.push((blob_name(&layer.digest)?, Some(layer.digest.clone())));
    }
    let manifest_name = blob_name(&leaf.digest)?;
    let layers = planned_layers(&config, &config_name, &manifest_name, blobs)?;
    let platform = leaf.platform.clone().or_else(|| config.known_platform());
    let image = PlannedImage {
        id,
        config,
        manifest_digest: Some(leaf.digest.clone()),
        tags: Vec::new(),
        layers,
    };
    Ok(Ok(Candidate { image, platform }))
}

/// Which platform is taken of several.
struct Choice {
    platform: Platform,
    /// Whether another one is refused even if it is the only one.
    is_strict: bool,
}

impl Choice {
    fn of(wanted: &Wanted) -> Self {
        Self {
            platform: wanted.platform.clone().unwrap_or_else(Platform::host),
            is_strict: wanted.platform.is_some(),
        }
    }

    /// Whether an image for `platform` is taken where there are those for `all`. One for exactly the
    /// platform is preferred to one for a variant of it.
    fn takes(&self, platform: &Platform, all: &[Option<Platform>]) -> bool {
        let mut known = all.iter().flatten();
        if !self.is_strict && known.clone().all(|other| other == platform) {
            return true;
        }
        let is_exact_there = known.any(|other| *other == self.platform);
        if is_exact_there {
            *platform == self.platform
        } else {
            platform.is_for(&self.platform)
        }
    }

    fn refusal(&self, found: Vec<String>) -> ImageError {
        let platform = self.platform.to_string();
        if self.is_strict {
            let wanted = platform;
            ImageError::NoPlatform { wanted, found }
        } else {
            let host = platform;
            ImageError::ManyPlatforms { host, found }
        }
    }
}

impl Documents<'_> {
    /// The error of reading what is not there.
    fn absent(&self, digest: &str) -> ImageError {
        let read = blob_name(digest).and_then(|name| Ok(self.blobs.manifest(&name)?));
        match read {
            Err(error) => error,
            Ok(_) => ImageError::NoImage {
                name: digest.to_owned(),
            },
        }
    }
}
