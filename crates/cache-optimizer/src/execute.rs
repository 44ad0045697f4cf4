//! Changes the world: writes Dockerfiles, has builds made, prunes the build cache.

pub(crate) mod files;
pub(crate) mod prune;
