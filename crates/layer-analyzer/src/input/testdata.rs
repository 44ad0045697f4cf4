//! Reads the archives of testdata for tests: in every way that there is, with one outcome.

use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::platform::Platform;
use super::read::Verification;
use super::source::{ImageOptions, read_archive_file, read_layout};
use crate::model::entry::EntryKind;
use crate::model::image::Image;

/// The images of `testdata/NAME.tar.gz`, or why there are none.
///
/// The archive is read as it streams, by seeking, and by its structure alone, which has to give the
/// same images without the digests of contents.
pub(super) fn read(name: &str) -> Result<Vec<Image>, String> {
    read_for(name, None)
}

/// The same for a platform.
pub(super) fn read_for(name: &str, platform: Option<&str>) -> Result<Vec<Image>, String> {
    let platform = platform.map(|platform| Platform::parse(platform).unwrap());
    let read = |path: &Path, verification| {
        let platform = platform.clone();
        let options = ImageOptions {
            platform,
            verification,
            ..ImageOptions::default()
        };
        renamed(read_archive_file(path, &options))
    };
    let file = uncompressed(name);
    let streamed = read(&path(name), Verification::Auto);
    let sought = read(file.path(), Verification::Auto);
    match (&streamed, &sought) {
        (Ok(streamed), Ok(sought)) => {
            assert_eq!(streamed, sought, "{name}");
            for path in [path(name).as_path(), file.path()] {
                let structure = read(path, Verification::Never).unwrap();
                assert_eq!(structure, unverified(sought.clone()), "{name}");
            }
        }
        (Err(_), Err(_)) => {}
        _ => panic!("{name}: {streamed:?} or {sought:?}"),
    }
    sought
}

/// The images of a layout that are called `reference`.
pub(super) fn read_called(name: &str, reference: &str) -> Result<Vec<Image>, String> {
    let options = ImageOptions::default();
    renamed(read_layout(&path(name), Some(reference), &options))
}

/// The archive of testdata, without its compression.
pub(super) fn uncompressed(name: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let compressed = fs_err::File::open(path(name)).unwrap();
    let mut bytes = Vec::new();
    MultiGzDecoder::new(compressed)
        .read_to_end(&mut bytes)
        .unwrap();
    fs_err::write(file.path(), bytes).unwrap();
    file
}

fn path(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("testdata").join(format!("{name}.tar.gz"))
}

fn renamed<E: Error>(read: Result<Vec<Image>, E>) -> Result<Vec<Image>, String> {
    let mut images = read.map_err(|error| cause(&error))?;
    for image in &mut images {
        image.name = String::new();
    }
    Ok(images)
}

/// What caused an error, without the error itself, which names the file.
pub(super) fn cause(error: &dyn Error) -> String {
    let mut texts = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.join(": ")
}

fn unverified(mut images: Vec<Image>) -> Vec<Image> {
    let layers = images.iter_mut().flat_map(|image| &mut image.layers);
    for layer in layers {
        let mut unread = (**layer).clone();
        unread.is_verified = false;
        unread.blob.digest = None;
        for entry in &mut unread.entries {
            if let EntryKind::File(content) = &mut entry.kind {
                content.digest = None;
            }
        }
        *layer = unread.into();
    }
    images
}

/// The paths of an image's files, with their sizes in bytes, layer by layer.
pub(super) fn files(image: &Image) -> Vec<(String, u64)> {
    let entries = image.layers.iter().flat_map(|layer| &layer.entries);
    let files = entries.filter_map(|entry| match entry.kind {
        EntryKind::File(content) => Some((
            String::from_utf8_lossy(&entry.path).into_owned(),
            content.size_bytes,
        )),
        _ => None,
    });
    files.collect()
}
