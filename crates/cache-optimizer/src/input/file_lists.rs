//! Takes the lists of files into a build report that its builder left beside it.

use common::pipe::read_list;
use common::report::{BuildData, Report};
use std::collections::BTreeSet;

/// Reads all lists. Returns what is wrong with those that are missing: their steps' files are then
/// not known by name, and that they changed still is. Several steps can have the same list.
pub(crate) fn take_in(report: &mut Report<BuildData>) -> BTreeSet<String> {
    let targets = report.data.targets.iter_mut();
    let steps = targets.flat_map(|target| &mut target.steps);
    let mut errors = BTreeSet::new();
    for taken in steps.filter_map(|step| step.context_files.as_mut()) {
        match read_list(taken) {
            Ok(Some(files)) => taken.files = files,
            Ok(None) => {}
            Err(error) => drop(errors.insert(error.to_string())),
        }
    }
    errors
}
