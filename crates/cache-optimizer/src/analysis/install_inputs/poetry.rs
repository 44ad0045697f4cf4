//! What poetry reads.

use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let _ = project;
    Err("what `poetry` reads is not known".to_owned())
}
