//! Images as they were read, before anything is concluded from them.

pub(crate) mod build;
pub(crate) mod entry;
pub(crate) mod ignore;
pub(crate) mod image;
pub(crate) mod limits;
pub(crate) mod map;
pub(crate) mod mark;
pub(crate) mod path;
pub(crate) mod secret;
