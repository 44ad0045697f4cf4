//! What is in an image and should not ship: files by path and content.
//!
//! Every layer is looked at, also for files that a higher one deletes: they are stored, and whoever
//! can pull the image can read them.

pub(crate) mod credentials;
pub(crate) mod files;
pub(crate) mod paths;
pub(crate) mod secrets;

mod matcher;
mod pattern;
