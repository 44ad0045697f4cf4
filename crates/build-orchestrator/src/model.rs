//! What the tool holds between reading the world and writing a report.

pub(crate) mod capabilities;
pub(crate) mod check;
pub(crate) mod container;
pub(crate) mod context;
pub(crate) mod contract;
pub(crate) mod image;
pub(crate) mod outcome;
pub(crate) mod plan;
pub(crate) mod recorded;
pub(crate) mod reference;
pub(crate) mod secrets;
pub(crate) mod selection;
pub(crate) mod step;
pub(crate) mod usage;
