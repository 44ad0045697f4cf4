//! What differs between two builds.
