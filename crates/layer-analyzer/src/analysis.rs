//! Concludes from an image's layers what is seen, what is wasted, and where each layer comes from.

pub(crate) mod base;
pub(crate) mod changes;
pub(crate) mod configuration;
mod copying;
pub(crate) mod difference;
pub(crate) mod directories;
pub(crate) mod dive;
pub(crate) mod duplicates;
pub(crate) mod fate;
pub(crate) mod file_tree;
pub(crate) mod gates;
pub(crate) mod history;
pub(crate) mod lost;
pub(crate) mod origin;
mod prefix;
pub(crate) mod rules;
pub(crate) mod sharing;
pub(crate) mod stack;
pub(crate) mod trace;
pub(crate) mod tree;
pub(crate) mod unwanted;
pub(crate) mod waste;
