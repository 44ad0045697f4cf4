//! Following containers.
