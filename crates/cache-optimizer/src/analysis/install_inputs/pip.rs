//! What pip reads.

use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let _ = project;
    Err("what `pip` reads is not known".to_owned())
}
