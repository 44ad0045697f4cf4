//! Changes the world: writes Dockerfiles, has builds made, prunes the build cache.

pub(crate) mod builds;
pub(crate) mod children;
pub(crate) mod copies;
pub(crate) mod files;
pub(crate) mod marks;
mod programs;
pub(crate) mod prune;
