//! A folder of earlier build reports: what `--history` names.
//!
//! One file for each build, named by time and id, so that several runs can add to it at once and any
//! of them can be deleted by hand. Each file is a report as it was piped in.

use common::error::CommandError;
use common::pipe::Received;
use common::report::{BuildData, Report};
use fs_err as fs;
use std::io;
use std::path::{Path, PathBuf};

/// The build reports in a folder, oldest first. A folder that is not there yet holds none.
///
/// # Errors
///
/// The folder or a file in it cannot be read, or a file is no report.
pub(crate) fn read(dir: &Path) -> Result<Vec<Report<BuildData>>, CommandError> {
    let mut reports: Vec<Report<BuildData>> = Vec::new();
    for path in paths(dir).map_err(CommandError::input)? {
        reports.extend(Received::read_files(&[path])?.decode::<BuildData>()?);
    }
    reports.sort_by(|a, b| (&a.created_at, &a.id).cmp(&(&b.created_at, &b.id)));
    reports.dedup_by(|a, b| a.id == b.id);
    Ok(reports)
}

fn paths(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(paths),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let is_report = path
            .extension()
            .is_some_and(|ending| ending == "json" || ending == "jsonl");
        if is_report && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_holds_nothing() {
        assert!(read(Path::new("/nonexistent")).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_is_no_report_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.json"), "{").unwrap();
        fs::write(dir.path().join("notes.md"), "no report").unwrap();
        let error = read(dir.path()).unwrap_err();
        assert!(error.to_string().contains("a.json"), "{error}");
    }
}
