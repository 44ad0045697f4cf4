//! What of its context an install of dependencies reads, so that no more need be copied before it.
//!
//! One file for each package manager. Where the manifests do not prove that nothing else is read, the
//! answer is why not.

mod bun;
mod bundler;
mod cargo;
mod composer;
mod dotnet;
pub(crate) mod go;
mod gradle;
mod maven;
mod needed;
mod npm;
mod package_json;
mod paths;
mod pip;
mod pipenv;
mod pnpm;
mod poetry;
#[cfg(test)]
mod sample;
mod toml_file;
mod uv;
mod yarn;

use super::install::Install;
use super::shell::Command;
use crate::model::files::Files;

/// What an install is looked at with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Project<'a> {
    /// The folder within the context that is the command's working directory, without slashes around
    /// it. Empty is the context itself.
    pub(crate) dir: &'a str,
    /// What the context offers, of which only what is copied before the install is here.
    pub(crate) files: &'a Files,
    /// The command that installs.
    pub(crate) command: &'a Command,
}

/// All of the context that an install reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inputs {
    /// Files and folders by their paths in the context, sorted.
    pub(crate) paths: Vec<String>,
    /// How to write the command so that it reads no more than these, such as with `--no-root`. `None`
    /// when it reads no more as it is.
    pub(crate) command: Option<String>,
}

/// What `install` reads of the project.
///
/// # Errors
///
/// Why it cannot be said: a lower-case fragment that goes on from "no patch, because".
pub(crate) fn inputs(install: &Install, project: Project<'_>) -> Result<Inputs, String> {
    match install.tool {
        "bun" => bun::inputs(project),
        "bundle" => bundler::inputs(project),
        "cargo" => cargo::inputs(project),
        "composer" => composer::inputs(project),
        "dotnet" => dotnet::inputs(project),
        "go" => go::inputs(project),
        "gradle" => gradle::inputs(project),
        "mvn" => maven::inputs(project),
        "npm" => npm::inputs(project),
        "pip" => pip::inputs(project),
        "pipenv" => pipenv::inputs(project),
        "pnpm" => pnpm::inputs(project),
        "poetry" => poetry::inputs(project),
        "uv" => uv::inputs(project),
        "yarn" => yarn::inputs(project),
        tool => Err(format!("what `{tool}` reads is not known")),
    }
}
