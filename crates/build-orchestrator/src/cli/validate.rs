//! What to check of images.
