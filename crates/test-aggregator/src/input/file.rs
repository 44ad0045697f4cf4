//! Reads the files of results, whatever is wrong with them.

use std::path::{Path, PathBuf};

use super::details_room::DetailsRoom;
use super::junit::read_junit;
use crate::model::file::{Fault, FileResults};

/// Reads files, in their order. What cannot be read of one is a fault in its results, never an
/// error: one broken file among many does not hide the others.
pub(crate) fn read_files(paths: &[PathBuf]) -> Vec<FileResults> {
    let mut details_room = DetailsRoom::default();
    let read = |path: &PathBuf| read_file(path, &mut details_room);
    paths.iter().map(read).collect()
}

/// Reads a file, and takes what it keeps of the texts of failures from `details_room`.
pub(super) fn read_file(path: &Path, details_room: &mut DetailsRoom) -> FileResults {
    let mut results = FileResults {
        path: path.display().to_string(),
        ..FileResults::default()
    };
    let read = match fs_err::File::open(path) {
        Ok(file) => read_junit(file, &mut results, details_room),
        Err(error) => Err(Fault::unreadable(&error)),
    };
    results.fault = read.err();
    results
}
