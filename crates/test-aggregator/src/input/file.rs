//! Reads one file of results, whatever is wrong with it.

use std::path::Path;

use super::junit::read_junit;
use crate::model::file::{Fault, FileResults};

/// Reads a file. What cannot be read of it is a fault in the results, never an error: one broken
/// file among many does not hide the others.
pub(crate) fn read_file(path: &Path) -> FileResults {
    let mut results = FileResults {
        path: path.display().to_string(),
        ..FileResults::default()
    };
    let read = match fs_err::File::open(path) {
        Ok(file) => read_junit(file, &mut results),
        Err(error) => Err(Fault::unreadable(&error)),
    };
    results.fault = read.err();
    results
}
