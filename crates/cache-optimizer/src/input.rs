//! Reads the world: build reports, Dockerfiles and what lies in their contexts.

pub(crate) mod answer;
pub(crate) mod build;
pub(crate) mod build_cache;
pub(crate) mod ci_builds;
pub(crate) mod commits;
pub(crate) mod context;
pub(crate) mod file_lists;
mod files;
pub(crate) mod git;
pub(crate) mod history;
pub(crate) mod offer;
pub(crate) mod past_steps;
pub(crate) mod recipe;
pub(crate) mod timing;
