//! What is in an image and should not ship.

pub(crate) mod credentials;
pub(crate) mod matcher;
pub(crate) mod paths;

mod pattern;
