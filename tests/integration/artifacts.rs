//! Folders of artifacts.
