//! Where an image is: in a file or in the Engine.

use flate2::read::MultiGzDecoder;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::archive::{ArchiveError, read_archive};
use super::error::InputError;
use super::member::unread_compression;
use crate::model::image::Image;
use crate::model::path;

/// Where an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// In a `docker save` archive.
    Archive(PathBuf),
    /// In the Engine, under a name or id.
    Engine(String),
}

impl Source {
    /// Tells what an IMAGE argument means: what is a file, or cannot be a name because it starts
    /// with `/` or `.`, is taken for an archive, anything else for an image of the Engine, unless
    /// a prefix says it.
    pub(crate) fn find(image: &OsStr) -> Self {
        let bytes = image.as_bytes();
        if let Some(path) = bytes.strip_prefix(b"archive:") {
            Self::Archive(OsStr::from_bytes(path).into())
        } else if let Some(name) = bytes.strip_prefix(b"engine:") {
            Self::Engine(path::to_text(name))
        } else if matches!(bytes, [b'/' | b'.', ..]) || Path::new(image).is_file() {
            Self::Archive(image.into())
        } else {
            Self::Engine(path::to_text(bytes))
        }
    }
}

/// The path of an archive as text, which tells apart paths that are not UTF-8.
pub(crate) fn archive_name(path: &Path) -> String {
    path::to_text(path.as_os_str().as_bytes())
}

/// Reads all images of the archive at `path`, which can be compressed with gzip.
///
/// # Errors
///
/// The file cannot be opened, or is not an archive of whole images.
pub(crate) fn read_archive_file(path: &Path) -> Result<Vec<Image>, InputError> {
    let name = archive_name(path);
    let file = fs_err::File::open(path).map_err(InputError::Open)?;
    read_maybe_compressed(BufReader::new(file), &name)
        .map_err(|source| InputError::Archive { name, source })
}

fn read_maybe_compressed(mut reader: impl BufRead, name: &str) -> Result<Vec<Image>, ArchiveError> {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    // When the file cannot be read, the archive's reader finds out and says where.
    let head = reader.fill_buf().unwrap_or_default();
    if head.starts_with(GZIP) {
        read_archive(BufReader::new(MultiGzDecoder::new(reader)), name)
    } else if let Some(compression) = unread_compression(head) {
        Err(ArchiveError::CompressedWhole { compression })
    } else {
        read_archive(reader, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(path: &[u8]) -> Source {
        Source::Archive(OsStr::from_bytes(path).into())
    }

    fn engine(name: &str) -> Source {
        Source::Engine(name.to_owned())
    }

    fn find(image: &[u8]) -> Source {
        Source::find(OsStr::from_bytes(image))
    }

    #[test]
    fn a_prefix_says_where_an_image_is() {
        assert_eq!(find(b"archive:no/such"), archive(b"no/such"));
        assert_eq!(find(b"archive:caf\xe9.tar"), archive(b"caf\xe9.tar"));
        assert_eq!(find(b"engine:Cargo.toml"), engine("Cargo.toml"));
    }

    #[test]
    fn without_a_prefix_a_path_is_an_archive() {
        assert_eq!(find(b"./no/such"), archive(b"./no/such"));
        assert_eq!(find(b"/caf\xe9.tar"), archive(b"/caf\xe9.tar"));
        assert_eq!(find(b"Cargo.toml"), archive(b"Cargo.toml"));
        assert_eq!(find(b"debian:12"), engine("debian:12"));
        assert_eq!(find(b"src"), engine("src"));
        assert_eq!(find(b"no-such-caf\xe9"), engine("no-such-caf\\xe9"));
    }

    #[test]
    fn an_archive_compressed_in_another_way_is_refused_by_its_name() {
        let refused = read_maybe_compressed(b"\x28\xb5\x2f\xfd".as_slice(), "x").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "it is compressed with zstd, which is not supported yet"
        );
    }
}
