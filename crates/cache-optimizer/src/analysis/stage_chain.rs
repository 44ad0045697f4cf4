//! Walks through stages as the builder does: each goes on from where the stage that it starts from
//! ended.

use common::dockerfile::{Dockerfile, Instruction};

/// Calls `visit` with every instruction in order, and with the state that the instructions before it
/// left: those of its stage, and of the stages that it starts from. A stage whose base is an image, or
/// has a variable in its name, starts with nothing.
pub(crate) fn walk<'a, S: Clone + Default>(
    dockerfile: &'a Dockerfile,
    mut visit: impl FnMut(&mut S, &'a Instruction),
) {
    let mut ends: Vec<S> = Vec::with_capacity(dockerfile.stages.len());
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let base = dockerfile.stage_index(&stage.base, index);
        let mut state = base.map_or_else(S::default, |base| ends[base].clone());
        for instruction in &stage.instructions {
            visit(&mut state, instruction);
        }
        ends.push(state);
    }
}
