//! What npm reads.

use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let _ = project;
    Err("what `npm` reads is not known".to_owned())
}
