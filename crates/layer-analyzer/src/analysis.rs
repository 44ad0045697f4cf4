//! Concludes from an image's layers what is seen, what is wasted, and where each layer comes from.

pub(crate) mod directories;
pub(crate) mod history;
pub(crate) mod lost;
pub(crate) mod origin;
pub(crate) mod stack;
pub(crate) mod tree;
pub(crate) mod waste;
