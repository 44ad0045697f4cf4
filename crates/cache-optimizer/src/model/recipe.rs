//! What rules look at: a Dockerfile with the context that it is built in.

use common::dockerfile::Dockerfile;

use super::context::Context;

/// A Dockerfile, and the context that it is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// The Dockerfile's path, as it was given or as the build report has it.
    pub(crate) path: String,
    /// The Dockerfile's text. Inside another file, such as a compose file, that file's.
    pub(crate) text: String,
    /// What the Dockerfile says.
    pub(crate) dockerfile: Dockerfile,
    /// What it can copy.
    pub(crate) context: Context,
    /// The targets of the build that are made from it. Empty when it was named as an argument.
    pub(crate) targets: Vec<String>,
}
