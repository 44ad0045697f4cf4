//! Reads a build context: which files a builder is offered, and what is in them.
//!
//! The whole folder is read, not only what the Dockerfile copies: which files a step takes is
//! decided by the builder, and by `analysis` for the report.

mod hashes;

use common::build_context::{IgnoreError, IgnoreFile, Matches};
use common::report::{format_sha256, sha256_hex};
use sha2::{Digest, Sha256};
use std::fs::{FileType, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::context::{ContextEntry, ContextScan, EntryKind};
use hashes::{Hashes, Stamp};

/// Why a build context cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContextError {
    /// A file or folder cannot be read; the error names it.
    #[error("failed to read the build context: {0}")]
    Read(#[from] io::Error),
    /// The ignore file is malformed.
    #[error(transparent)]
    Ignore(#[from] IgnoreError),
    /// The builder's protocol has text for paths.
    #[error("the name of `{path}` is not UTF-8, which a build context cannot hold")]
    NotUtf8 {
        /// The file or folder.
        path: PathBuf,
    },
}

/// Reads what a context folder offers.
///
/// # Errors
///
/// Something in it cannot be read, or the ignore file is malformed.
pub(crate) fn scan(dir: &Path, ignore_path: Option<&Path>) -> Result<ContextScan, ContextError> {
    let ignore = ignore_path.map(IgnoreFile::read).transpose()?;
    let mut walk = Walk {
        dir,
        ignore: ignore.unwrap_or_default(),
        entries: Vec::new(),
        skipped: Vec::new(),
    };
    let root = walk.ignore.root();
    walk.folder("", &root)?;
    Ok(ContextScan {
        dir: dir.to_owned(),
        ignore_path: ignore_path.map(Path::to_owned),
        entries: walk.entries,
        skipped: walk.skipped,
    })
}

/// Describes one file, folder or symbolic link of a folder. `None` means that it is of a kind that
/// a context cannot hold.
///
/// # Errors
///
/// It does not exist, or cannot be read.
pub(crate) fn entry(dir: &Path, path: &str) -> Result<Option<ContextEntry>, ContextError> {
    let file_path = dir.join(path);
    let metadata = fs_err::symlink_metadata(&file_path)?;
    let Some(kind) = entry_kind(&file_path, metadata.file_type())? else {
        return Ok(None);
    };
    Ok(Some(ContextEntry {
        path: path.to_owned(),
        size_bytes: if kind == EntryKind::Directory {
            0
        } else {
            metadata.len()
        },
        inode: (kind == EntryKind::File && metadata.nlink() > 1)
            .then(|| (metadata.dev(), metadata.ino())),
        kind,
        mode: metadata.mode() & 0o7777,
        modified_ns: modified_ns(&metadata),
        digest: None,
    }))
}

fn entry_kind(path: &Path, file_type: FileType) -> Result<Option<EntryKind>, ContextError> {
    Ok(if file_type.is_file() {
        Some(EntryKind::File)
    } else if file_type.is_dir() {
        Some(EntryKind::Directory)
    } else if file_type.is_symlink() {
        let target = fs_err::read_link(path)?;
        let target = target.to_str().ok_or_else(|| not_utf8(path))?.to_owned();
        Some(EntryKind::Symlink { target })
    } else {
        None
    })
}

fn modified_ns(metadata: &Metadata) -> i64 {
    metadata
        .mtime()
        .saturating_mul(1_000_000_000)
        .saturating_add(metadata.mtime_nsec())
}

fn not_utf8(path: &Path) -> ContextError {
    ContextError::NotUtf8 {
        path: path.to_owned(),
    }
}

struct Walk<'a> {
    dir: &'a Path,
    ignore: IgnoreFile,
    entries: Vec<ContextEntry>,
    skipped: Vec<String>,
}

impl Walk<'_> {
    /// Reads a folder's content in the order of its names, which makes the whole walk sorted by
    /// path components.
    fn folder(&mut self, path: &str, matches: &Matches) -> Result<(), ContextError> {
        let folder_path = self.dir.join(path);
        let mut names = fs_err::read_dir(&folder_path)?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<Vec<_>, _>>()?;
        names.sort_unstable();
        for name in names {
            let name = name
                .to_str()
                .ok_or_else(|| not_utf8(&folder_path.join(&name)))?;
            let path = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}/{name}")
            };
            self.entry(path, matches)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: String, parent: &Matches) -> Result<(), ContextError> {
        let matches = self.ignore.matches(&path, parent);
        let is_ignored = self.ignore.ignores(&matches);
        if is_ignored && !self.ignore.may_except_below(&path, &matches) {
            return Ok(());
        }
        let Some(entry) = entry(self.dir, &path)? else {
            if !is_ignored {
                self.skipped.push(path);
            }
            return Ok(());
        };
        let is_folder = entry.kind == EntryKind::Directory;
        if is_ignored && !is_folder {
            return Ok(());
        }
        self.entries.push(entry);
        if is_folder {
            let count = self.entries.len();
            self.folder(&path, &matches)?;
            // An ignored folder is offered only for the sake of what is excepted in it.
            if is_ignored && self.entries.len() == count {
                self.entries.pop();
            }
        }
        Ok(())
    }
}

/// Puts the digest of every file of a context in, until `is_given_up`. Files that changed since an
/// earlier build are read. Returns what could not be read; such a file stays without digest,
/// because nobody knows yet whether a step needs it.
pub(crate) fn hash_files(scan: &mut ContextScan, is_given_up: impl Fn() -> bool) -> Vec<io::Error> {
    let mut hashes = Hashes::open(&scan.dir, scan.ignore_path.as_deref());
    let mut errors = Vec::new();
    for entry in &mut scan.entries {
        if is_given_up() {
            return errors;
        }
        match entry_digest(&scan.dir, entry, &mut hashes) {
            Ok(digest) => entry.digest = digest,
            Err(error) => errors.push(error),
        }
    }
    hashes.save();
    errors
}

fn entry_digest(
    dir: &Path,
    entry: &ContextEntry,
    hashes: &mut Hashes,
) -> io::Result<Option<String>> {
    match &entry.kind {
        EntryKind::Directory => Ok(None),
        EntryKind::Symlink { target } => Ok(Some(sha256_hex(target.as_bytes()))),
        EntryKind::File => {
            let path = dir.join(&entry.path);
            let stamp = Stamp::of(&fs_err::symlink_metadata(&path)?);
            if let Some(digest) = hashes.digest(&entry.path, stamp) {
                return Ok(Some(digest));
            }
            let read_at = SystemTime::now();
            let digest = file_digest(&path)?;
            if Stamp::of(&fs_err::symlink_metadata(&path)?) == stamp {
                hashes.remember(&entry.path, stamp, &digest, read_at);
            }
            Ok(Some(digest))
        }
    }
}

/// The digest of a file's content, as `sha256:…`.
///
/// # Errors
///
/// It cannot be read.
pub(crate) fn file_digest(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = fs_err::File::open(path)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(format_sha256(&hasher.finalize())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use common::build_context::ignore_path;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = dir.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, content).unwrap();
        }
        dir
    }

    fn paths(scan: &ContextScan) -> Vec<&str> {
        scan.entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect()
    }

    #[test]
    fn entries_are_sorted_by_path_components() {
        // By bytes, `a-b` would stand between `a` and `a/c`, which the receiver refuses.
        let dir = folder(&[("a/c", ""), ("a-b", ""), ("a.txt", ""), ("b", "")]);
        let scan = scan(dir.path(), None).unwrap();
        assert_eq!(paths(&scan), ["a", "a/c", "a-b", "a.txt", "b"]);
    }

    #[test]
    fn the_folders_of_an_excepted_file_are_offered_and_no_others() {
        let dir = folder(&[
            (".dockerignore", "*\n!src/**/*.rs\n"),
            ("src/deep/main.rs", ""),
            ("src/deep/notes", ""),
            ("src/empty/notes", ""),
            ("target/main.rs", ""),
        ]);
        let ignore_path = ignore_path(dir.path(), &dir.path().join("Dockerfile"));
        let scan = scan(dir.path(), ignore_path.as_deref()).unwrap();
        assert_eq!(paths(&scan), ["src", "src/deep", "src/deep/main.rs"]);
    }

    #[test]
    fn a_dockerfiles_own_ignore_file_wins() {
        let dir = folder(&[
            (".dockerignore", "a"),
            ("web.Dockerfile.dockerignore", "b"),
            ("web.Dockerfile", ""),
        ]);
        let found = |name| ignore_path(dir.path(), &dir.path().join(name)).unwrap();
        assert_eq!(
            found("web.Dockerfile"),
            dir.path().join("web.Dockerfile.dockerignore")
        );
        assert_eq!(found("Dockerfile"), dir.path().join(".dockerignore"));
    }

    #[test]
    fn a_link_is_offered_as_such_and_a_socket_is_skipped() {
        let dir = folder(&[("file", "abc")]);
        std::os::unix::fs::symlink("../outside", dir.path().join("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        let scan = scan(dir.path(), None).unwrap();
        assert_eq!(paths(&scan), ["file", "link"]);
        assert_eq!(
            scan.entries[1].kind,
            EntryKind::Symlink {
                target: "../outside".to_owned()
            }
        );
        assert_eq!(scan.skipped, ["socket"]);
    }

    #[test]
    fn digests_are_those_of_content_and_an_unreadable_file_is_named() {
        let dir = folder(&[("empty", ""), ("gone", "x")]);
        let mut scan = scan(dir.path(), None).unwrap();
        fs_err::remove_file(dir.path().join("gone")).unwrap();
        let errors = hash_files(&mut scan, || false);
        assert_eq!(
            scan.entries[0].digest.as_deref(),
            Some("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
        assert_eq!(scan.entries[1].digest, None);
        assert_eq!(errors.len(), 1);
        assert!(errors[0].to_string().contains("gone"), "{}", errors[0]);
    }
}
