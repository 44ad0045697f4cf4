//! What pipenv reads.

use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let _ = project;
    Err("what `pipenv` reads is not known".to_owned())
}
