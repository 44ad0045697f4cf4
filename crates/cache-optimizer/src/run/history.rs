//! `--history`: the earlier build that one is compared with, and the folder that it is added to.

use common::error::CommandError;
use common::pipe::json_line;
use common::report::{BuildData, Report, TargetBuild};
use std::path::Path;

use crate::execute::files::replace;
use crate::input::history;

/// The newest report in a folder that has a target of `report`, was made before it and is another one.
///
/// # Errors
///
/// As [`history::read`].
pub(super) fn last_before(
    dir: &Path,
    report: &Report<BuildData>,
) -> Result<Option<Report<BuildData>>, CommandError> {
    let key = |target: &TargetBuild| {
        let plan = &target.plan;
        (plan.name.clone(), plan.dockerfile_path.clone())
    };
    let targets: Vec<_> = report.data.targets.iter().map(key).collect();
    let is_earlier = |earlier: &Report<BuildData>| {
        let mut its_targets = earlier.data.targets.iter().map(key);
        earlier.id != report.id
            && earlier.created_at <= report.created_at
            && its_targets.any(|target| targets.contains(&target))
    };
    let mut reports = history::read(dir)?.into_iter();
    Ok(reports.rfind(is_earlier))
}

/// Adds a report to a folder, which is made when it is not there. Adding it again changes nothing.
///
/// # Errors
///
/// The folder or the file cannot be written.
pub(super) fn add(dir: &Path, report: &Report<BuildData>) -> Result<(), CommandError> {
    let mut report = report.clone();
    let targets = report.data.targets.iter_mut();
    for taken in targets
        .flat_map(|target| &mut target.steps)
        .filter_map(|step| step.context_files.as_mut())
    {
        // The lists were taken in, and may not be beside it any more when it is read.
        if !taken.files.is_empty() {
            taken.list_path = None;
        }
    }
    fs_err::create_dir_all(dir).map_err(CommandError::input)?;
    let digest = report.id.trim_start_matches("sha256:");
    let digest = digest.get(..12).unwrap_or(digest);
    // A colon is no part of a file's name everywhere.
    let time = report.created_at.replace(':', "-");
    let path = dir.join(format!("{time}-{digest}.json"));
    replace(&path, &json_line(&report)).map_err(CommandError::input)
}
