//! Reads the world: compose files, env files, Dockerfiles and build contexts.

pub(crate) mod context;
