//! Files that a build writes beside its report. None is ever seen half written.

use common::error::CommandError;
use common::pipe::json_line;
use common::report::BuildData;
use fs_err as fs;
use std::path::Path;

use crate::cli::files::FileArgs;
use crate::render;

/// Writes the files that were asked for.
pub(super) fn write_files(args: &FileArgs, data: &BuildData) -> Result<(), CommandError> {
    if let Some(path) = &args.metadata_file {
        write(path, &json_line(&render::metadata::metadata(data)))?;
    }
    if let Some(path) = &args.trace {
        write(path, &json_line(&render::trace::trace(data)))?;
    }
    Ok(())
}

/// Writes a file under another name and then renames it.
fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    fs::write(&name, text).map_err(CommandError::input)?;
    fs::rename(&name, path).map_err(CommandError::input)
}
