//! Reads images, layer by layer, and the build reports that tell where they come from.
//!
//! Nothing is kept of a file but its path and size, so memory grows with the number of entries and
//! not with their bytes.

pub(crate) mod archive;
pub(crate) mod blobs;
pub(crate) mod builds;
pub(crate) mod bytes;
pub(crate) mod images;
pub(crate) mod layer;
pub(crate) mod layer_tar;
pub(crate) mod source;
pub(crate) mod stage_images;

mod config;
mod engine;
mod error;
mod member;
mod tar;
