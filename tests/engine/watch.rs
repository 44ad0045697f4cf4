//! Rebuilding when files change.
