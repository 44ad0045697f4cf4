//! Reads one file of results, whatever is wrong with it.

use std::path::Path;

use super::junit::read_junit;
use crate::model::file::{Fault, FileResults, Place};

/// Reads a file. What cannot be read of it is a fault in the results, never an error: one broken
/// file among many does not hide the others.
pub(crate) fn read_file(path: &Path) -> FileResults {
    let mut results = FileResults {
        path: path.display().to_string(),
        ..FileResults::default()
    };
    let read = match fs_err::File::open(path) {
        Ok(file) => read_junit(file, &mut results),
        Err(error) => Err(Fault {
            is_partial: false,
            place: Place::START,
            message: error.to_string(),
        }),
    };
    results.fault = read.err();
    results
}
