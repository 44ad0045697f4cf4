//! The images of `manifest.json`, which Engines before and since 25 write, and others for them.

use super::{DOCKER_MANIFEST, Documents, PlannedImage, Wanted, planned_layers, platform_list};
use crate::input::config::{Config, ManifestEntry};
use crate::input::digest::named_digest;
use crate::input::image_error::ImageError;
use crate::input::oci::familiar;

/// Finds all images, or those of the platform and name that are wanted.
pub(super) fn images(
    documents: Documents<'_>,
    wanted: &Wanted,
) -> Result<Vec<PlannedImage>, ImageError> {
    let (entries, _): (Vec<ManifestEntry>, _) = documents.document(DOCKER_MANIFEST)?;
    if entries.is_empty() {
        return Err(ImageError::NoImage {
            name: DOCKER_MANIFEST.to_owned(),
        });
    }
    let mut images = Vec::new();
    for entry in &entries {
        images.push(image(documents, entry)?);
    }
    named(&mut images, wanted)?;
    for_platform(&mut images, wanted)?;
    Ok(images)
}

fn image(documents: Documents<'_>, entry: &ManifestEntry) -> Result<PlannedImage, ImageError> {
    let (config, id): (Config, _) = documents.document(&entry.config)?;
    let names = entry.layers.iter().flatten();
    let blobs = names.map(|name| (name.clone(), named_digest(name)));
    let layers = planned_layers(&config, &entry.config, DOCKER_MANIFEST, blobs.collect())?;
    let names = entry.repo_tags.iter().flatten();
    let mut tags: Vec<String> = names.map(|name| familiar(name).to_owned()).collect();
    tags.sort();
    Ok(PlannedImage {
        id,
        config,
        manifest_digest: None,
        tags,
        layers,
    })
}

fn named(images: &mut Vec<PlannedImage>, wanted: &Wanted) -> Result<(), ImageError> {
    let Some(reference) = &wanted.reference else {
        return Ok(());
    };
    let names = images.iter().flat_map(|image| image.tags.clone()).collect();
    let reference_tag = familiar(reference);
    images.retain(|image| image.tags.iter().any(|tag| tag == reference_tag));
    if images.is_empty() {
        let reference = reference.clone();
        return Err(ImageError::NoReference { reference, names });
    }
    Ok(())
}

fn for_platform(images: &mut Vec<PlannedImage>, wanted: &Wanted) -> Result<(), ImageError> {
    let Some(wanted) = &wanted.platform else {
        return Ok(());
    };
    let platforms: Vec<_> = images
        .iter()
        .map(|image| image.config.known_platform())
        .collect();
    let is_wanted = |image: &PlannedImage| {
        let platform = image.config.known_platform();
        platform.is_some_and(|platform| platform.is_for(wanted))
    };
    images.retain(is_wanted);
    if images.is_empty() {
        return Err(ImageError::NoPlatform {
            wanted: wanted.to_string(),
            found: platform_list(platforms.iter().map(Option::as_ref)),
        });
    }
    Ok(())
}
