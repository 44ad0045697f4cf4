//! What an image has in it, from the export of a container that was made of it.

pub(crate) mod config;
pub(crate) mod files;
mod program;
