//! Reads the world: compose files, bake files, env files, Dockerfiles and build contexts.

pub(crate) mod artifacts;
mod attributes;
mod bake;
pub(crate) mod compose;
pub(crate) mod containers;
pub(crate) mod context;
pub(crate) mod contract;
pub(crate) mod dockerfile;
pub(crate) mod env_file;
pub(crate) mod image;
mod interpolate;
pub(crate) mod lone;
pub(crate) mod nearest;
pub(crate) mod overrides;
pub(crate) mod project;
pub(crate) mod recorded;
pub(crate) mod stats;
mod yaml;

#[cfg(fuzzing)]
pub(crate) use bake::fuzz as fuzz_bake;
