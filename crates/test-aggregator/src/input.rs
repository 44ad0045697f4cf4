//! Reads the world: finds the result files, and reads each of them.
//!
//! A format is one function that reads bytes into a `FileResults`; `junit` is the only one yet.

pub(crate) mod details_room;
mod encoding;
pub(crate) mod file;
pub(crate) mod junit;
pub(crate) mod paths;
mod seconds;
mod source;
mod text;
