//! Parts of plans that the tests of several views draw.

use common::report::{Location, StageBase, StagePlan};

/// A stage with its `FROM` in the line after its index.
pub(super) fn stage(index: u32, name: &str, base: StageBase, copies_from: &[u32]) -> StagePlan {
    StagePlan {
        index,
        name: Some(name.to_owned()),
        location: Location {
            path: "Dockerfile".to_owned(),
            line: index + 1,
        },
        base,
        copies_from: copies_from.to_vec(),
        instructions: Vec::new(),
    }
}
