//! Checks of built images.
