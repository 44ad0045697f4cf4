//! Which builds to compare.
