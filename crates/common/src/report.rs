//! The wire contract: what one tool writes and another reads.
//!
//! Only the types below here are serialised; a tool's own model is converted by hand, so that an
//! inner type can change without breaking a reader. `docs/report-format.md` shows each kind.

mod artifacts;
mod build;
mod cache;
mod cache_setup;
mod comparison;
mod difference;
mod envelope;
mod event;
mod finding;
mod layer;
mod layer_file_entry;
mod plan;
mod prediction;
mod prune;
mod rebuild;
mod resources;
mod sarif;
mod test;
mod trace;
mod validation;
mod verification;
mod version;

pub use artifacts::*;
pub use build::*;
pub use cache::*;
pub use cache_setup::*;
pub use comparison::*;
pub use difference::*;
pub use envelope::*;
pub use event::*;
pub use finding::*;
pub use layer::*;
pub use layer_file_entry::*;
pub use plan::*;
pub use prediction::*;
pub use prune::*;
pub use rebuild::*;
pub use resources::*;
pub use sarif::*;
pub use test::*;
pub use trace::*;
pub use validation::*;
pub use verification::*;
pub use version::*;
