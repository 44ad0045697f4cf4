//! The wire contract: what one tool writes and another reads.
//!
//! Only the types below here are serialised; a tool's own model is converted by hand, so that an
//! inner type can change without breaking a reader. `docs/report-format.md` shows each kind.

mod build;
mod cache;
mod envelope;
mod finding;
mod layer;
mod plan;
mod test;
mod version;

pub use build::*;
pub use cache::*;
pub use envelope::*;
pub use finding::*;
pub use layer::*;
pub use plan::*;
pub use test::*;
pub use version::*;
