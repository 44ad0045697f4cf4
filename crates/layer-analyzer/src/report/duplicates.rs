//! Writes down the contents that are there more than once.

use common::report::{DuplicateContent, ImageLayers};

use crate::analysis::duplicates::{Duplicate, Duplicates};
use crate::model::path;

/// How many paths of a content are listed.
///
/// Chosen: enough to see a pattern; the report's docs promise no more.
const PATHS_MAX: usize = 10;

/// Puts what was found into the report on an image; `None` when contents were not read.
pub(super) fn fill(image: &mut ImageLayers, found: Option<Duplicates>) {
    let Some(found) = found else {
        return;
    };
    image.duplicate_bytes = Some(found.size_bytes);
    image.duplicates = found.contents.iter().map(duplicate).collect();
    image.duplicates_omitted = found.contents_omitted;
}

fn duplicate(found: &Duplicate) -> DuplicateContent {
    let paths = found.paths.iter().take(PATHS_MAX);
    DuplicateContent {
        size_bytes: found.copy_bytes,
        copy_count: found.copy_count,
        duplicate_bytes: found.repeated_bytes,
        paths: paths.map(|path| path::to_text(path)).collect(),
        layers: found.layers.clone(),
    }
}
