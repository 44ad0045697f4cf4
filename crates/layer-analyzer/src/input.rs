//! Reads images, layer by layer, and the build reports that tell where they come from.
//!
//! Nothing is kept of a file but its path and size, so memory grows with the number of entries and
//! not with their bytes.

pub(crate) mod blobs;
pub(crate) mod builds;
pub(crate) mod bytes;
pub(crate) mod images;
pub(crate) mod layer;
pub(crate) mod layer_tar;
pub(crate) mod limits;
pub(crate) mod platform;
pub(crate) mod read;
pub(crate) mod source;

mod archive;
mod compression;
mod config;
mod digest;
mod download;
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
