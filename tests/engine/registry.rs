//! Pushing, pulling with credentials, caches in a registry.
