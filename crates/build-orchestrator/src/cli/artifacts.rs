//! What to do with a folder of artifacts.
