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

/// Completes `layers`, which are those of `stack`, listed with their `top` largest files.
pub(super) fn fill(layers: &mut [Layer], stack: &Stack, top: usize) {
    let top = top.saturating_mul(DIRECTORIES_PER_FILE);
    let found = directories(stack.tree.contents(), layers.len(), top);
    for ((layer, found), lost) in layers.iter_mut().zip(found).zip(lost(stack)) {
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
