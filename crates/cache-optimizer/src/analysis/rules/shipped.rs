//! Which stages have layers in the image that ships.

use common::dockerfile::Dockerfile;

/// The last stage, and those that it starts from, in order.
pub(super) fn shipped_stages(dockerfile: &Dockerfile) -> Vec<usize> {
    let last = dockerfile.stages.len().checked_sub(1);
    let mut stages: Vec<usize> = std::iter::successors(last, |&index| {
        dockerfile.stage_index(&dockerfile.stages[index].base, index)
    })
    .collect();
    stages.reverse();
    stages
}
