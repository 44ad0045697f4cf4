//! Bake files, resolved as buildx would.
