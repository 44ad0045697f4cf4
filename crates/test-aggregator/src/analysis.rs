//! Thinks about what was read: one run out of many files.

pub(crate) mod merge;
