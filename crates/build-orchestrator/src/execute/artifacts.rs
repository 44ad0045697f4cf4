//! Folders of artifacts, written: content under its digest, then the manifest that names it.
//!
//! All is written into `tmp/` and renamed when it is whole, the manifest last, so that nothing is
//! ever seen half. Writers share a lock; who prunes has it alone.

use common::engine::Engine;
use common::pipe::json_line;
use common::report::{ArtifactsData, Report};
use fs_err::File;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::NamedTempFile;

use super::outputs::save;
use crate::input::artifacts::{Manifest, content_path};
use crate::input::context::file_digest;

/// How old a file in `tmp/` is before nobody writes it any more.
///
/// Chosen: longer than any build.
const LEFTOVER_AGE: Duration = Duration::from_hours(24);

/// A folder that artifacts are put into. While it is open, nobody prunes it.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    _lock: File,
}

impl Store {
    /// Opens a folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// It cannot be made or locked.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        for part in ["sha256", "manifests", "tmp"] {
            fs_err::create_dir_all(dir.join(part))?;
        }
        let lock = lock_file(dir)?;
        lock.file().lock_shared()?;
        Ok(Self {
            dir: dir.to_owned(),
            _lock: lock,
        })
    }

    /// Keeps a file, or a folder as a tar archive that is the same for the same content. Returns
    /// its digest and size.
    ///
    /// # Errors
    ///
    /// It cannot be read, or the folder cannot be written.
    pub(crate) fn add(&self, path: &Path) -> io::Result<(String, u64)> {
        let mut file = self.begin()?;
        if path.is_dir() {
            pack(path, file.as_file_mut())?;
        } else {
            io::copy(&mut File::open(path)?, &mut file)?;
        }
        self.keep(file)
    }

    /// Keeps an image of the Engine, as `docker save` writes it. Returns its digest and size.
    ///
    /// # Errors
    ///
    /// The Engine does not give it, or the folder cannot be written.
    pub(crate) async fn add_image(
        &self,
        engine: &Engine,
        id: &str,
        tags: &[String],
    ) -> io::Result<(String, u64)> {
        let file = self.begin()?;
        let saved = save(engine, id, tags, file.path()).await;
        saved.map_err(|error| io::Error::other(error.message))?;
        // The archive was renamed onto the file that was made for it.
        self.keep(NamedTempFile::from_parts(
            File::open(file.path())?.into_file(),
            file.into_temp_path(),
        ))
    }

    /// Writes the manifest of a build, with which its artifacts become visible.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub(crate) fn finish(self, report: &Report<ArtifactsData>) -> io::Result<()> {
        let mut file = self.begin()?;
        io::Write::write_all(&mut file, json_line(report).as_bytes())?;
        file.as_file().sync_all()?;
        let name = report.id.trim_start_matches("sha256:");
        let path = self.dir.join("manifests").join(format!("{name}.json"));
        file.persist(path)?;
        Ok(())
    }

    fn begin(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.dir.join("tmp"))
    }

    /// Puts a whole file in its place, unless the same is there already.
    fn keep(&self, file: NamedTempFile) -> io::Result<(String, u64)> {
        file.as_file().sync_all()?;
        let size_bytes = file.as_file().metadata()?.len();
        let digest = file_digest(file.path())?;
        let path = content_path(&self.dir, &digest).expect("this is a digest");
        if !path.exists() {
            file.persist(path)?;
        }
        Ok((digest, size_bytes))
    }
}

fn lock_file(dir: &Path) -> io::Result<File> {
    let mut options = fs_err::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    options.open(dir.join("lock"))
}

/// Packs a folder so that equal content gives equal bytes: sorted, without times and owners.
fn pack(dir: &Path, out: &mut std::fs::File) -> io::Result<()> {
    let mut archive = tar::Builder::new(out);
    archive.mode(tar::HeaderMode::Deterministic);
    archive.follow_symlinks(false);
    let mut open = vec![PathBuf::new()];
    while let Some(relative) = open.pop() {
        let mut names = Vec::new();
        for entry in fs_err::read_dir(dir.join(&relative))? {
            names.push(relative.join(entry?.file_name()));
        }
        names.sort();
        for name in names.iter().filter(|name| !is_folder(&dir.join(name))) {
            archive.append_path_with_name(dir.join(name), name)?;
        }
        // Those popped next come first.
        for name in names.iter().rev().filter(|name| is_folder(&dir.join(name))) {
            archive.append_dir(name, dir.join(name))?;
            open.push(name.clone());
        }
    }
    archive.finish()
}

fn is_folder(path: &Path) -> bool {
    fs_err::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// What pruning removes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Removed {
    /// How many files of content.
    pub(crate) file_count: u64,
    /// Bytes of them.
    pub(crate) size_bytes: u64,
}

/// A folder that nobody puts anything into, for as long as this is there.
#[derive(Debug)]
pub(crate) struct Pruning {
    dir: PathBuf,
    _lock: File,
}

impl Pruning {
    /// Waits until nobody writes, and keeps others from it.
    ///
    /// # Errors
    ///
    /// The folder does not exist or cannot be locked.
    pub(crate) fn begin(dir: &Path) -> io::Result<Self> {
        let lock = lock_file(dir)?;
        lock.file().lock()?;
        Ok(Self {
            dir: dir.to_owned(),
            _lock: lock,
        })
    }

    /// Removes builds, and the content that none of the kept ones has. With `is_dry_run` it only
    /// counts.
    ///
    /// # Errors
    ///
    /// The folder cannot be read or written.
    pub(crate) fn remove(
        &self,
        removed: &[Manifest],
        kept: &[Manifest],
        is_dry_run: bool,
    ) -> io::Result<Removed> {
        // Manifests go first: content without one is invisible, one without content is broken.
        if !is_dry_run {
            for manifest in removed {
                fs_err::remove_file(&manifest.path)?;
            }
            remove_leftovers(&self.dir)?;
        }
        let mut sum = Removed::default();
        for digest in digests(removed).difference(&digests(kept)) {
            let path = content_path(&self.dir, digest);
            let Some(path) = path.filter(|path| path.is_file()) else {
                continue;
            };
            sum.file_count += 1;
            sum.size_bytes += fs_err::metadata(&path)?.len();
            if !is_dry_run {
                fs_err::remove_file(path)?;
            }
        }
        Ok(sum)
    }
}

fn digests(manifests: &[Manifest]) -> BTreeSet<&String> {
    let artifacts = manifests.iter().flat_map(|one| &one.build.artifacts);
    artifacts.map(|artifact| &artifact.digest).collect()
}

fn remove_leftovers(dir: &Path) -> io::Result<()> {
    let tmp = dir.join("tmp");
    if !tmp.is_dir() {
        return Ok(());
    }
    for entry in fs_err::read_dir(tmp)? {
        let path = entry?.path();
        let modified = fs_err::metadata(&path)?.modified()?;
        let age = SystemTime::now()
            .duration_since(modified)
            .unwrap_or_default();
        if age > LEFTOVER_AGE {
            fs_err::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_folders_are_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let mut digests = BTreeSet::new();
        for name in ["one", "two"] {
            let folder = dir.path().join(name);
            fs_err::create_dir_all(folder.join("b/c")).unwrap();
            fs_err::write(folder.join("b/c/file"), "x").unwrap();
            fs_err::write(folder.join("a"), "y").unwrap();
            digests.insert(store.add(&folder).unwrap());
        }
        assert_eq!(digests.len(), 1);
        assert_eq!(
            fs_err::read_dir(dir.path().join("store/sha256"))
                .unwrap()
                .count(),
            1
        );
        assert_eq!(
            fs_err::read_dir(dir.path().join("store/tmp"))
                .unwrap()
                .count(),
            0
        );
    }
}
