//! Compose files, resolved as compose would.
