//! Reads images, layer by layer, and the build reports that tell where they come from.
//!
//! Nothing is kept of a file but its path, size and what was noticed in it, so memory grows with the
//! number of entries and not with their bytes.

pub(crate) mod blobs;
pub(crate) mod builds;
pub(crate) mod bytes;
pub(crate) mod dive_ci;
pub(crate) mod images;
pub(crate) mod layer;
pub(crate) mod layer_tar;
pub(crate) mod limits;
pub(crate) mod platform;
pub(crate) mod read;
pub(crate) mod source;
pub(crate) mod stage_images;

mod archive;
mod compression;
mod config;
mod content;
mod digest;
mod download;
mod elf;
mod engine;
mod error;
mod estargz;
mod image_error;
mod layout;
mod member;
mod members;
mod nearest;
mod oci;
mod plan;
mod registry;
mod tar;

#[cfg(test)]
mod testdata;
