//! Where an image is, and how one that is in a file, a folder or a stream is read.

use std::ffi::OsStr;
use std::io::{self, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::archive::{open_file, read_stream};
use super::blobs::{Blobs, Reading};
use super::error::InputError;
use super::layout::{self, LayoutFolder};
use super::limits::{Budget, Limits};
use super::plan::{Wanted, plan_images};
use super::platform::Platform;
use super::read::{Verification, read_planned};
use crate::model::image::Image;
use crate::model::path;

/// Chosen: what a pipe holds, twice.
const BUFFER_BYTES: usize = 128 * 1024;

/// Where an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// In an archive.
    Archive(PathBuf),
    /// In an OCI layout, which can be a folder or an archive.
    Layout {
        path: PathBuf,
        /// What the image is called there. `None` for all of its images.
        reference: Option<String>,
    },
    /// In an archive on standard input.
    Stdin,
    /// In the Engine, under a name or id.
    Engine(String),
    /// In a registry, under a name.
    Registry(String),
}

/// How images are read, wherever they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImageOptions {
    /// What they should be for. `None`: for what this machine is, where there is a choice.
    pub(crate) platform: Option<Platform>,
    /// Whether all of their bytes are read.
    pub(crate) verification: Verification,
    /// How much of them is kept.
    pub(crate) limits: Limits,
}

impl Source {
    /// Tells what an IMAGE argument means, unless a prefix says it: `-` is standard input, a folder
    /// with a layout's marker is one, what is a file, or cannot be a name because it starts with `/`
    /// or `.`, is an archive, anything else is an image of the Engine.
    pub(crate) fn find(image: &OsStr) -> Self {
        let bytes = image.as_bytes();
        if bytes == b"-" {
            Self::Stdin
        } else if let Some(path) = bytes.strip_prefix(b"archive:") {
            Self::Archive(OsStr::from_bytes(path).into())
        } else if let Some(layout) = bytes.strip_prefix(b"oci:") {
            Self::layout(layout)
        } else if let Some(name) = bytes.strip_prefix(b"engine:") {
            Self::Engine(path::to_text(name))
        } else if let Some(reference) = bytes.strip_prefix(b"registry:") {
            Self::Registry(path::to_text(reference))
        } else if Path::new(image).join(layout::MARKER).is_file() {
            Self::Layout {
                path: image.into(),
                reference: None,
            }
        } else if matches!(bytes, [b'/' | b'.', ..]) || Path::new(image).is_file() {
            Self::Archive(image.into())
        } else {
            Self::Engine(path::to_text(bytes))
        }
    }

    /// The path can have colons, as names can: the longest path that is there is the path.
    fn layout(argument: &[u8]) -> Self {
        let at = |end: usize| Path::new(OsStr::from_bytes(&argument[..end]));
        let colons = || (0..argument.len()).filter(|index| argument[*index] == b':');
        let is_there = |end: &usize| at(*end).exists();
        let whole = Some(argument.len()).filter(is_there);
        let end = whole.or_else(|| colons().rev().find(is_there));
        let end = end.or_else(|| colons().next()).unwrap_or(argument.len());
        Self::Layout {
            path: at(end).to_owned(),
            reference: argument.get(end + 1..).map(path::to_text),
        }
    }
}

/// A path as text, which tells apart paths that are not UTF-8.
pub(crate) fn path_text(path: &Path) -> String {
    path::to_text(path.as_os_str().as_bytes())
}

/// Reads all images of the archive at `path`.
///
/// # Errors
///
/// The file cannot be opened, or is not an archive of whole images.
pub(crate) fn read_archive_file(
    path: &Path,
    options: &ImageOptions,
) -> Result<Vec<Image>, InputError> {
    read_archive_at(path, &path_text(path), &options.wanted(), options)
}

fn read_archive_at(
    path: &Path,
    name: &str,
    wanted: &Wanted,
    options: &ImageOptions,
) -> Result<Vec<Image>, InputError> {
    if path.is_dir() {
        return Err(InputError::Folder {
            name: path_text(path),
        });
    }
    let budget = Budget::new(options.limits);
    let file = fs_err::File::open(path).map_err(InputError::Open)?;
    let archive = open_file(file, options.stream_reading(&budget));
    let archive = archive.map_err(|source| InputError::archive(name, source))?;
    options.read(archive.as_ref(), &budget, wanted, name)
}

/// Reads the images of an OCI layout, or the one called `reference`.
///
/// # Errors
///
/// There is no such layout, or its images are not whole.
pub(crate) fn read_layout(
    path: &Path,
    reference: Option<&str>,
    options: &ImageOptions,
) -> Result<Vec<Image>, InputError> {
    let wanted = Wanted {
        reference: reference.map(str::to_owned),
        is_oci: true,
        ..options.wanted()
    };
    let mut name = path_text(path);
    if let Some(reference) = reference {
        name = format!("{name}:{reference}");
    }
    if !path.is_dir() {
        return read_archive_at(path, &name, &wanted, options);
    }
    let budget = Budget::new(options.limits);
    let folder = LayoutFolder::open(path, &budget).map_err(InputError::Open)?;
    options.read(&folder, &budget, &wanted, &name)
}

/// Reads all images of the archive on standard input.
///
/// # Errors
///
/// It is not an archive of whole images.
pub(crate) fn read_stdin(options: &ImageOptions) -> Result<Vec<Image>, InputError> {
    let reader = BufReader::with_capacity(BUFFER_BYTES, io::stdin().lock());
    read_archive_stream(reader, "-", options)
}

/// Reads all images of an archive that streams, which get `name` as their name.
///
/// # Errors
///
/// It is not an archive of whole images.
pub(crate) fn read_archive_stream(
    reader: impl io::BufRead,
    name: &str,
    options: &ImageOptions,
) -> Result<Vec<Image>, InputError> {
    let budget = Budget::new(options.limits);
    let archive = read_stream(reader, options.stream_reading(&budget));
    let archive = archive.map_err(|source| InputError::archive(name, source))?;
    options.read(&archive, &budget, &options.wanted(), name)
}

impl ImageOptions {
    fn wanted(&self) -> Wanted {
        Wanted {
            platform: self.platform.clone(),
            ..Wanted::default()
        }
    }

    fn stream_reading<'a>(&self, budget: &'a Budget) -> Reading<'a> {
        Reading {
            depth: self.verification.depth(None),
            budget,
        }
    }

    fn read(
        &self,
        blobs: &dyn Blobs,
        budget: &Budget,
        wanted: &Wanted,
        name: &str,
    ) -> Result<Vec<Image>, InputError> {
        let planned = plan_images(blobs, budget, wanted);
        planned
            .and_then(|planned| read_planned(blobs, budget, self.verification, planned, name))
            .map_err(|source| InputError::image(name, source))
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

    fn layout(path: &str, reference: Option<&str>) -> Source {
        Source::Layout {
            path: path.into(),
            reference: reference.map(str::to_owned),
        }
    }

    fn find(image: &[u8]) -> Source {
        Source::find(OsStr::from_bytes(image))
    }

    #[test]
    fn a_prefix_says_where_an_image_is() {
        assert_eq!(find(b"archive:no/such"), archive(b"no/such"));
        assert_eq!(find(b"archive:caf\xe9.tar"), archive(b"caf\xe9.tar"));
        assert_eq!(find(b"engine:Cargo.toml"), engine("Cargo.toml"));
        let registry = Source::Registry("host:5000/a:1".to_owned());
        assert_eq!(find(b"registry:host:5000/a:1"), registry);
        assert_eq!(find(b"-"), Source::Stdin);
    }

    #[test]
    fn a_layout_can_be_followed_by_a_name() {
        assert_eq!(find(b"oci:src"), layout("src", None));
        assert_eq!(find(b"oci:src:app:1"), layout("src", Some("app:1")));
        assert_eq!(find(b"oci:no/such:1"), layout("no/such", Some("1")));
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
        for (bytes, name) in [(b"BZh9".as_slice(), "bzip2"), (b"\xfd7zXZ\0", "xz")] {
            let refused = read_archive_stream(bytes, "x", &ImageOptions::default());
            let InputError::Archive { source, .. } = refused.unwrap_err() else {
                panic!("it is no archive");
            };
            let expected = format!("it is compressed with {name}, which is not read");
            assert_eq!(source.to_string(), expected);
        }
    }
}
