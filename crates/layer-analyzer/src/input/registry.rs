//! Images of registries, whose layers are read while they stream.
//!
//! Nothing is written down: neither layers on the disk nor logins anywhere.

mod connections;
mod error;
mod login;
mod name;
mod repository;

use std::collections::HashMap;

use super::blobs::{BlobError, Blobs, Place, Reading};
use super::error::InputError;
use super::layer::ReadLayer;
use super::limits::Budget;
use super::oci::Descriptor;
use super::plan::Wanted;
use super::plan::index::descriptor_images;
use super::read::read_planned;
use super::source::ImageOptions;
use crate::model::image::Image;
use connections::Connections;
pub(crate) use error::RegistryError;
use repository::Repository;

/// Reads the images that the names stand for, with each layer fetched once however many of them
/// have it. The result has a list for each name.
///
/// # Errors
///
/// A registry does not answer, refuses or has no such image, or an image is not whole.
pub(super) fn read_registry_images(
    names: &[&str],
    options: &ImageOptions,
) -> Result<Vec<Vec<Image>>, InputError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut connections = Connections::new().map_err(InputError::Runtime)?;
    let budget = Budget::default();
    let wanted = Wanted {
        platform: options.platform.clone(),
        ..Wanted::default()
    };
    let mut repositories = Repositories::default();
    let mut planned = Vec::new();
    let mut counts = Vec::new();
    for name in names {
        let repository = connections.open(name)?;
        let descriptor = Descriptor::of(repository.digest());
        let images = descriptor_images(&repository, &budget, descriptor, &wanted)
            .map_err(|source| InputError::image(name, source))?;
        let layers = images.iter().flat_map(|image| &image.layers);
        repositories.add(repository, layers.map(|layer| layer.name.as_str()));
        counts.push(images.len());
        planned.extend(images);
    }
    let read = read_planned(&repositories, &budget, options.verification, planned, "");
    let mut images = read
        .map_err(|source| InputError::image(&names.join("`, `"), source))?
        .into_iter();
    let named = counts.into_iter().zip(&repositories.all);
    Ok(named
        .map(|(count, repository)| {
            let images = images.by_ref().take(count);
            images.map(|image| repository.named(image)).collect()
        })
        .collect())
}

/// The repositories of several images, as if they were one.
#[derive(Default)]
struct Repositories {
    all: Vec<Repository>,
    /// Which of them is asked for a layer: the first that has it.
    owners: HashMap<String, usize>,
}

impl Repositories {
    fn add<'a>(&mut self, repository: Repository, layers: impl Iterator<Item = &'a str>) {
        for layer in layers {
            let owner = self.owners.entry(layer.to_owned());
            owner.or_insert(self.all.len());
        }
        self.all.push(repository);
    }

    fn owner(&self, name: &str) -> Result<&Repository, BlobError> {
        let owner = self.owners.get(name).and_then(|owner| self.all.get(*owner));
        owner.ok_or_else(|| BlobError::Missing {
            name: name.to_owned(),
        })
    }
}

impl Blobs for Repositories {
    fn has(&self, name: &str) -> bool {
        self.owners.contains_key(name)
    }

    fn document(&self, name: &str) -> Result<Vec<u8>, BlobError> {
        self.owner(name)?.document(name)
    }

    fn place(&self, name: &str) -> Result<Place, BlobError> {
        self.owner(name)?.place(name)
    }

    fn layer(&self, name: &str, reading: Reading) -> Result<(ReadLayer, u64), BlobError> {
        self.owner(name)?.layer(name, reading)
    }
}
