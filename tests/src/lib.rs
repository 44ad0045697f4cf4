//! Harness of the integration tests: runs the real binaries and reads what they wrote.

pub mod chain;
pub mod docker;
pub mod generated;
pub mod image;
pub mod layers;
pub mod mending;
pub mod private;
pub mod project;
pub mod proxy;
pub mod registry;
pub mod report;
pub mod tool;
