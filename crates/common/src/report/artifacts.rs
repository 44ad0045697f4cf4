//! What a folder of build artifacts holds.
