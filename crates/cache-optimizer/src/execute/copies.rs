//! Copies of build contexts in temporary folders, so that nothing is built, or changed, in a user's.
//!
//! A copy holds what the context offers after its ignore file, with the same modes, links and times:
//! it gives the same cache keys. Its Dockerfile lies beside it, so that a patched one does not change
//! what `COPY . .` takes.

use common::build_context::{IgnoreFile, Matches};
use fs_err as fs;
use std::fs::{FileTimes, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A copy. Removed when dropped.
#[derive(Debug)]
pub(crate) struct ContextCopy {
    folder: TempDir,
    /// Folders that their owner may not write, and that could not be removed like that.
    read_only: Vec<PathBuf>,
}

impl ContextCopy {
    /// Copies what `context_dir` offers after the ignore file with this text.
    ///
    /// # Errors
    ///
    /// Something cannot be read or written, or the ignore file holds what is no pattern.
    pub(crate) fn new(context_dir: &Path, ignore_text: Option<&str>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let mut copy = Self {
            folder,
            read_only: Vec::new(),
        };
        let ignore = IgnoreFile::parse(ignore_text.unwrap_or_default());
        let ignore = ignore.map_err(|(line, pattern)| {
            let message = format!("line {line} of the ignore file, `{pattern}`, is not a pattern");
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?;
        fs::create_dir(copy.recipe_dir())?;
        let root = copy.context_dir();
        fs::create_dir(&root)?;
        copy.fill(context_dir, &root, &ignore, ("", &ignore.root()))?;
        copy.finish_folder(&root, &fs::metadata(context_dir)?)?;
        Ok(copy)
    }

    /// The folder that is offered to the builder.
    pub(crate) fn context_dir(&self) -> PathBuf {
        self.folder.path().join("context")
    }

    /// The Dockerfile.
    pub(crate) fn dockerfile_path(&self) -> PathBuf {
        self.recipe_dir().join("Dockerfile")
    }

    fn recipe_dir(&self) -> PathBuf {
        self.folder.path().join("recipe")
    }

    /// Writes the Dockerfile, and the ignore file that holds for it.
    ///
    /// # Errors
    ///
    /// There is no room.
    pub(crate) fn write_recipe(&self, dockerfile: &str, ignore_text: &str) -> io::Result<()> {
        fs::write(self.dockerfile_path(), dockerfile)?;
        let ignore_path = self.recipe_dir().join("Dockerfile.dockerignore");
        fs::write(ignore_path, ignore_text)
    }

    fn fill(
        &mut self,
        from: &Path,
        to: &Path,
        ignore: &IgnoreFile,
        (folder, matches): (&str, &Matches),
    ) -> io::Result<()> {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let name = entry.file_name();
            let path = join(folder, &name.to_string_lossy());
            let matches = ignore.matches(&path, matches);
            let metadata = entry.metadata()?;
            let to = to.join(&name);
            if metadata.is_dir() {
                if !ignore.ignores(&matches) || ignore.may_except_below(&path, &matches) {
                    fs::create_dir(&to)?;
                    self.fill(&entry.path(), &to, ignore, (&path, &matches))?;
                    self.finish_folder(&to, &metadata)?;
                }
            } else if !ignore.ignores(&matches) {
                copy_file(&entry.path(), &to, &metadata)?;
            }
        }
        Ok(())
    }

    /// Gives a folder, once it is full, the mode and times of its original.
    fn finish_folder(&mut self, folder: &Path, original: &Metadata) -> io::Result<()> {
        set_times(folder, original)?;
        fs::set_permissions(folder, original.permissions())?;
        if original.permissions().mode() & 0o200 == 0 {
            self.read_only.push(folder.to_owned());
        }
        Ok(())
    }
}

impl Drop for ContextCopy {
    fn drop(&mut self) {
        for folder in &self.read_only {
            // What then cannot be removed stays in the system's folder for temporary files.
            let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
        }
    }
}

/// How the names of the folders begin.
const PREFIX: &str = "cache-optimizer-verify-";

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// Copies a file or a symbolic link. Sockets, pipes and devices are nothing that a build could copy
/// content from.
fn copy_file(from: &Path, to: &Path, metadata: &Metadata) -> io::Result<()> {
    if metadata.is_symlink() {
        return symlink(fs::read_link(from)?, to);
    }
    if !metadata.is_file() {
        return Ok(());
    }
    fs::copy(from, to)?;
    set_times(to, metadata)
}

fn set_times(path: &Path, original: &Metadata) -> io::Result<()> {
    let times = FileTimes::new().set_modified(original.modified()?);
    let (file, _) = fs::File::open(path)?.into_parts();
    file.set_times(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in [
            ("src/main.c", "int main;"),
            ("run.sh", "#!/bin/sh"),
            ("node_modules/a/index.js", "a"),
            ("docs/keep.md", "keep"),
            ("docs/other.md", "other"),
        ] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        symlink("src/main.c", dir.path().join("link")).unwrap();
        symlink("/nowhere", dir.path().join("dangling")).unwrap();
        let mode = |path: &str, mode| {
            let path = dir.path().join(path);
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        mode("run.sh", 0o555);
        mode("src", 0o555);
        dir
    }

    fn allow_removal(dir: &TempDir) {
        let path = dir.path().join("src");
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn modes_links_and_times_are_those_of_the_original() {
        let dir = project();
        let copy = ContextCopy::new(dir.path(), None).unwrap();
        for path in ["src", "src/main.c", "run.sh", "."] {
            let of = |dir: &Path| fs::metadata(dir.join(path)).unwrap();
            let (before, after) = (of(dir.path()), of(&copy.context_dir()));
            assert_eq!(before.permissions(), after.permissions(), "{path}");
            assert_eq!(
                before.modified().unwrap(),
                after.modified().unwrap(),
                "{path}"
            );
        }
        for (link, target) in [("link", "src/main.c"), ("dangling", "/nowhere")] {
            let copied = fs::read_link(copy.context_dir().join(link)).unwrap();
            assert_eq!(copied, Path::new(target));
        }
        allow_removal(&dir);
    }

    #[test]
    fn only_what_is_offered_is_copied() {
        let dir = project();
        let ignored = "node_modules\ndocs\n!docs/keep.md\n";
        let copy = ContextCopy::new(dir.path(), Some(ignored)).unwrap();
        let there = |path: &str| copy.context_dir().join(path).exists();
        assert!(there("src/main.c") && there("docs/keep.md"));
        assert!(!there("node_modules") && !there("docs/other.md"));
        allow_removal(&dir);
    }

    #[test]
    fn a_copy_is_gone_when_it_is_dropped() {
        let dir = project();
        let copy = ContextCopy::new(dir.path(), None).unwrap();
        let folder = copy.folder.path().to_owned();
        drop(copy);
        assert!(!folder.exists());
        allow_removal(&dir);
    }

    #[test]
    fn an_ignore_file_with_a_fault_is_refused() {
        let dir = project();
        let error = ContextCopy::new(dir.path(), Some("ok\n[a\n")).unwrap_err();
        let expected = "line 2 of the ignore file, `[a`, is not a pattern";
        assert_eq!(error.to_string(), expected);
        allow_removal(&dir);
    }
}
