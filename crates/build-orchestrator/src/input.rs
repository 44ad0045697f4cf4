//! Reads the world: compose files, env files, Dockerfiles and build contexts.

pub(crate) mod compose;
pub(crate) mod context;
pub(crate) mod dockerfile;
pub(crate) mod env_file;
mod interpolate;
mod nearest;
pub(crate) mod project;
mod yaml;
