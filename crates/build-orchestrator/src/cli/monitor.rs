//! Which containers to follow.
