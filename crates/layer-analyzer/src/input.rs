//! Reads images, layer by layer, and the build reports that tell where they come from.
//!
//! Nothing is kept of a file but its path and size, so memory grows with the number of entries and
//! not with their bytes.

pub(crate) mod archive;
pub(crate) mod builds;
pub(crate) mod engine;
pub(crate) mod error;
pub(crate) mod source;

mod config;
mod layer_tar;
mod member;
mod tar;
