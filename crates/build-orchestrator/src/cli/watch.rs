//! What to rebuild when files change.
