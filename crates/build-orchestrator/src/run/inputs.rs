//! Puts the lists of files that steps took into files of their own.

use common::pipe::json_line;
use common::report::{BuildData, ContextFile, ContextFiles};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Moves each list out of the report into `dir`, under its digest: an unchanged list is there
/// already, and one that is being written is not seen.
///
/// # Errors
///
/// The folder or a file in it cannot be written.
pub(super) fn store_lists(data: &mut BuildData, dir: &Path) -> io::Result<()> {
    fs_err::create_dir_all(dir)?;
    let steps = data.targets.iter_mut().flat_map(|target| &mut target.steps);
    for taken in steps.filter_map(|step| step.context_files.as_mut()) {
        let path = store_list(taken, dir)?;
        taken.list_path = Some(path.display().to_string());
        taken.files.clear();
    }
    Ok(())
}

fn store_list(taken: &ContextFiles, dir: &Path) -> io::Result<PathBuf> {
    let name = taken.digest.trim_start_matches("sha256:");
    let path = dir.join(format!("{name}.jsonl"));
    if !path.exists() {
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        for taken in &taken.files {
            // A list stands for all builds that took these files, whenever they were written.
            let line = json_line(&ContextFile {
                modified_ns: None,
                ..taken.clone()
            });
            file.write_all(line.as_bytes())?;
        }
        file.persist(&path)?;
    }
    Ok(path)
}
