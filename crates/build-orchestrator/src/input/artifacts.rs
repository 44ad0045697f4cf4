//! Folders of artifacts, read: manifests and the content that they name.
//!
//! `manifests/ID.json` is an artifacts report of one build, `sha256/HEX` a file of content, and
//! `tmp/` holds what is not whole yet, which is never looked at.

use common::pipe::Received;
use common::report::{ArtifactsData, StoredBuild};
use std::io;
use std::path::{Path, PathBuf};

use super::context::file_digest;

/// What a folder keeps.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// The builds, newest first.
    pub(crate) builds: Vec<Manifest>,
    /// The manifests that cannot be read, and why.
    pub(crate) unreadable: Vec<(PathBuf, String)>,
}

/// What a build has in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The file that says so.
    pub(crate) path: PathBuf,
    /// The build and its artifacts.
    pub(crate) build: StoredBuild,
}

/// What is wrong with a file of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentFault {
    /// It is not there.
    Missing,
    /// Its content is not that of its digest.
    Corrupted,
}

/// Reads the manifests of a folder.
///
/// # Errors
///
/// The folder does not exist or cannot be read.
pub(crate) fn read_folder(dir: &Path) -> io::Result<Folder> {
    fs_err::read_dir(dir)?;
    let mut folder = Folder::default();
    let manifests = dir.join("manifests");
    if !manifests.is_dir() {
        return Ok(folder);
    }
    for entry in fs_err::read_dir(manifests)? {
        let path = entry?.path();
        match read_manifest(&path) {
            Ok(builds) => folder
                .builds
                .extend(builds.into_iter().map(|build| Manifest {
                    path: path.clone(),
                    build,
                })),
            Err(error) => folder.unreadable.push((path, error)),
        }
    }
    let newest = |one: &Manifest| (one.build.created_at.clone(), one.build.build.clone());
    folder
        .builds
        .sort_by_key(|one| std::cmp::Reverse(newest(one)));
    folder.unreadable.sort();
    Ok(folder)
}

fn read_manifest(path: &Path) -> Result<Vec<StoredBuild>, String> {
    let text = fs_err::read(path).map_err(|error| error.to_string())?;
    let received = Received::parse(&text, &path.display().to_string());
    let reports = received.and_then(|received| received.decode::<ArtifactsData>());
    let reports = reports.map_err(|error| error.to_string())?;
    if reports.is_empty() {
        return Err("it holds no artifacts report".to_owned());
    }
    Ok(reports
        .into_iter()
        .flat_map(|report| report.data.builds)
        .collect())
}

/// Where the content of a digest is. `None` when that is no digest of a kind that is kept.
pub(crate) fn content_path(dir: &Path, digest: &str) -> Option<PathBuf> {
    let hex = digest.strip_prefix("sha256:")?;
    let is_hex = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| dir.join("sha256").join(hex))
}

/// Reads a file of content and compares it with its digest.
///
/// # Errors
///
/// It is there and cannot be read.
pub(crate) fn content_fault(dir: &Path, digest: &str) -> io::Result<Option<ContentFault>> {
    let Some(path) = content_path(dir, digest).filter(|path| path.is_file()) else {
        return Ok(Some(ContentFault::Missing));
    };
    Ok((file_digest(&path)? != digest).then_some(ContentFault::Corrupted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_names_a_file_of_the_folder_and_no_other() {
        let dir = Path::new("a");
        let digest = format!("sha256:{}", "0".repeat(64));
        assert_eq!(
            content_path(dir, &digest).unwrap(),
            dir.join("sha256").join("0".repeat(64))
        );
        assert_eq!(content_path(dir, "sha256:../../etc/passwd"), None);
        assert_eq!(content_path(dir, "md5:00"), None);
    }

    #[test]
    fn what_is_no_manifest_is_named_and_the_rest_is_read() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read_folder(dir.path()).unwrap().builds.is_empty());
        let manifests = dir.path().join("manifests");
        fs_err::create_dir(&manifests).unwrap();
        fs_err::write(manifests.join("a.json"), "{").unwrap();
        let folder = read_folder(dir.path()).unwrap();
        assert_eq!(folder.unreadable[0].0, manifests.join("a.json"));
        assert!(read_folder(&dir.path().join("missing")).is_err());
    }
}
