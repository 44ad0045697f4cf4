//! Holds what the result files say.

pub(crate) mod case;
pub(crate) mod elapsed;
pub(crate) mod file;
