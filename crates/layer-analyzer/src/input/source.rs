//! Where an image is: in a file or in the Engine.

use flate2::read::MultiGzDecoder;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::archive::{ArchiveError, read_archive};
use super::error::InputError;
use crate::model::image::Image;

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
    pub(crate) fn find(image: &str) -> Self {
        if let Some(path) = image.strip_prefix("archive:") {
            Self::Archive(path.into())
        } else if let Some(name) = image.strip_prefix("engine:") {
            Self::Engine(name.to_owned())
        } else if image.starts_with(['/', '.']) || Path::new(image).is_file() {
            Self::Archive(image.into())
        } else {
            Self::Engine(image.to_owned())
        }
    }
}

/// Reads all images of the archive at `path`, which can be compressed with gzip.
///
/// # Errors
///
/// The file cannot be opened, or is not an archive of whole images.
pub(crate) fn read_archive_file(path: &Path) -> Result<Vec<Image>, InputError> {
    let name = path.display().to_string();
    let file = fs_err::File::open(path).map_err(InputError::Open)?;
    read_maybe_compressed(BufReader::new(file), &name)
        .map_err(|source| InputError::Archive { name, source })
}

fn read_maybe_compressed(mut reader: impl BufRead, name: &str) -> Result<Vec<Image>, ArchiveError> {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    // When the file cannot be read, the archive's reader finds out and says where.
    let is_gzip = reader.fill_buf().is_ok_and(|head| head.starts_with(GZIP));
    if is_gzip {
        read_archive(BufReader::new(MultiGzDecoder::new(reader)), name)
    } else {
        read_archive(reader, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_says_where_an_image_is() {
        assert_eq!(
            Source::find("archive:no/such"),
            Source::Archive("no/such".into())
        );
        assert_eq!(
            Source::find("engine:Cargo.toml"),
            Source::Engine("Cargo.toml".to_owned())
        );
    }

    #[test]
    fn without_a_prefix_a_path_is_an_archive() {
        assert_eq!(
            Source::find("./no/such"),
            Source::Archive("./no/such".into())
        );
        assert_eq!(
            Source::find("Cargo.toml"),
            Source::Archive("Cargo.toml".into())
        );
        assert_eq!(
            Source::find("debian:12"),
            Source::Engine("debian:12".to_owned())
        );
        assert_eq!(Source::find("src"), Source::Engine("src".to_owned()));
    }
}
