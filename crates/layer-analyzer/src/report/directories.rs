//! Writes down which directories and files of each layer take up space, and whether it is wasted.

use common::report::{DirectorySize, Layer};

use crate::analysis::directories::{Directory, directories};
use crate::analysis::lost::lost;
use crate::analysis::stack::Stack;
use crate::model::path;

/// How many directories a layer has for each of its largest files.
///
/// Chosen: as many as a path of theirs has parts, so that ten do not end up as one path's.
const DIRECTORIES_PER_FILE: usize = 3;

/// What takes up space in the layers of an image, lowest first.
pub(super) struct Space<'a> {
    directories: Vec<Vec<Directory<'a>>>,
    /// Whether each of the largest files is lost in the end.
    lost: Vec<Vec<bool>>,
}

impl<'a> Space<'a> {
    /// Looks at stacked layers, which are listed with their `top` largest files.
    pub(super) fn of(stack: &Stack<'a>, top: usize) -> Self {
        let top = top.saturating_mul(DIRECTORIES_PER_FILE);
        Self {
            directories: directories(stack.tree.contents(), stack.layers.len(), top),
            lost: lost(stack),
        }
    }
}

/// Completes the `layers` that `space` is about.
pub(super) fn fill(layers: &mut [Layer], space: Space) {
    for ((layer, found), lost) in layers.iter_mut().zip(space.directories).zip(space.lost) {
        layer.directories = found.iter().map(directory_size).collect();
        for (file, is_lost) in layer.largest_files.iter_mut().zip(lost) {
            file.wasted = is_lost;
        }
    }
}

fn directory_size(directory: &Directory) -> DirectorySize {
    DirectorySize {
        path: path::to_text(directory.path),
        size_bytes: directory.sum.size_bytes,
        wasted_bytes: directory.sum.wasted_bytes,
        file_count: directory.sum.file_count,
    }
}
