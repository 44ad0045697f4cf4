//! Files that are there as a whole or not at all: written under another name beside their place,
//! and renamed when they are complete.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The permissions of a new file, from which the process's mask is taken.
const NEW_FILE_MODE: u32 = 0o666;

/// A file that is being written. Dropping it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct WholeFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl WholeFile {
    /// Begins a file that will be at `path`.
    ///
    /// # Errors
    ///
    /// Its folder does not exist or cannot be written; the error names the file.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let dir = match path.parent() {
            Some(dir) if dir != Path::new("") => dir,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new()
            .prefix(".build-orchestrator-")
            .permissions(Permissions::from_mode(NEW_FILE_MODE))
            .tempfile_in(dir);
        Ok(Self {
            file: file.map_err(|error| named(path, &error))?,
            path: path.to_owned(),
        })
    }

    /// The file, for what else has to be set before it is shown.
    pub(super) fn file(&self) -> &std::fs::File {
        self.file.as_file()
    }

    /// Puts the file in its place. What was there is replaced.
    ///
    /// # Errors
    ///
    /// It cannot be renamed; the error names it.
    pub(crate) fn finish(self) -> io::Result<()> {
        let renamed = self.file.persist(&self.path);
        renamed
            .map(drop)
            .map_err(|error| named(&self.path, &error.error))
    }
}

impl Write for WholeFile {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.file.write(data);
        written.map_err(|error| named(&self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("failed to write `{}`: {error}", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_not_there_before_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.tar");
        let mut file = WholeFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(file);
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 0);

        let mut file = WholeFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        file.finish().unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "whole");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let error = WholeFile::create(Path::new("/nonexistent/app.tar")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("failed to write `/nonexistent/app.tar`: ")
        );
    }
}
