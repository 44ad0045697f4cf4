//! Files that a build writes beside its report. None is ever seen half written.

use common::error::CommandError;
use common::pipe::json_line;
use common::report::BuildData;
use std::io::Write;
use std::path::Path;

use crate::cli::files::FileArgs;
use crate::execute::whole_file::WholeFile;
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

fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    let whole = || {
        let mut file = WholeFile::create(path)?;
        file.write_all(text.as_bytes())?;
        file.finish()
    };
    whole().map_err(CommandError::input)
}
