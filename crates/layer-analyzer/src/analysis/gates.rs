//! Compares an image's numbers with limits.
