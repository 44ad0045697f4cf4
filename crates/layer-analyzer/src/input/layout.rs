//! An OCI image layout: a folder with an index, and blobs by their digests.
//!
//! Whatever names and links say, nothing outside the folder is read.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err::File;

use super::blobs::{BlobError, Blobs, Place, Reading};
use super::bytes::Section;
use super::layer::{ReadLayer, read_layer};
use super::limits::Budget;
use crate::model::path;

/// The file that says that a folder is a layout.
pub(crate) const MARKER: &str = "oci-layout";

/// A folder whose blobs are files.
#[derive(Debug)]
pub(crate) struct LayoutFolder {
    /// The folder, without links.
    root: PathBuf,
    document_bytes_max: u64,
}

impl LayoutFolder {
    /// # Errors
    ///
    /// There is no such folder.
    pub(crate) fn open(folder: &Path, budget: &Budget) -> std::io::Result<Self> {
        Ok(Self {
            root: fs_err::canonicalize(folder)?,
            document_bytes_max: budget.limits.document_bytes,
        })
    }

    /// Where a file of the folder is, without links.
    fn find(&self, name: &str) -> Result<PathBuf, BlobError> {
        let normal = path::to_text(&path::normal(name.as_bytes()));
        let named = || name.to_owned();
        let found = fs_err::canonicalize(self.root.join(normal)).map_err(|source| {
            if source.kind() == std::io::ErrorKind::NotFound {
                BlobError::Missing { name: named() }
            } else {
                let name = named();
                BlobError::Read { name, source }
            }
        })?;
        if found.starts_with(&self.root) {
            Ok(found)
        } else {
            Err(BlobError::LeadsOut { name: named() })
        }
    }

    /// Opens a regular file: a pipe would be waited for.
    fn open_file(&self, name: &str) -> Result<(File, u64), BlobError> {
        let found = self.find(name)?;
        let read_error = |source| BlobError::Read {
            name: name.to_owned(),
            source,
        };
        let metadata = fs_err::metadata(&found).map_err(read_error)?;
        if !metadata.is_file() {
            return Err(BlobError::WrongContent {
                name: name.to_owned(),
                role: "a regular file",
            });
        }
        let file = File::open(&found).map_err(read_error)?;
        Ok((file, metadata.len()))
    }
}

impl Blobs for LayoutFolder {
    fn has(&self, name: &str) -> bool {
        // What is there but leads out is to be refused, and not to be overlooked.
        !matches!(self.find(name), Err(BlobError::Missing { .. }))
    }

    fn document(&self, name: &str) -> Result<Vec<u8>, BlobError> {
        let (file, size_bytes) = self.open_file(name)?;
        let limit_bytes = self.document_bytes_max;
        let mut bytes = Vec::new();
        let read = file.take(limit_bytes + 1).read_to_end(&mut bytes);
        let name = name.to_owned();
        match read {
            Err(source) => Err(BlobError::Read { name, source }),
            Ok(_) if size_bytes.max(bytes.len() as u64) > limit_bytes => {
                Err(BlobError::LargeDocument { name, limit_bytes })
            }
            Ok(_) => Ok(bytes),
        }
    }

    fn place(&self, name: &str) -> Result<Place, BlobError> {
        let (_, size_bytes) = self.open_file(name)?;
        Ok(Place {
            name: name.to_owned(),
            size_bytes: Some(size_bytes),
        })
    }

    fn layer(&self, name: &str, reading: Reading) -> Result<(ReadLayer, u64), BlobError> {
        let (file, size_bytes) = self.open_file(name)?;
        let file = Arc::new(file.into_parts().0);
        match read_layer(Section::new(file, 0, size_bytes), reading) {
            Ok(layer) => Ok((layer, size_bytes)),
            Err(source) => Err(BlobError::broken_layer(name, source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn refusal(folder: &LayoutFolder, name: &str) -> String {
        folder.document(name).unwrap_err().to_string()
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("layout");
        fs_err::create_dir_all(root.join("blobs")).unwrap();
        fs_err::write(dir.path().join("secret"), "{}").unwrap();
        fs_err::write(root.join("inside"), "{}").unwrap();
        symlink("../secret", root.join("out")).unwrap();
        symlink("/etc/passwd", root.join("passwd")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("inside", root.join("within")).unwrap();
        let folder = LayoutFolder::open(&root, &Budget::default()).unwrap();
        for name in ["out", "passwd"] {
            let expected = format!("`{name}` leads out of the folder");
            assert_eq!(refusal(&folder, name), expected);
            assert!(folder.has(name));
        }
        // A name's own `..` stays within the folder.
        assert_eq!(refusal(&folder, "../secret"), "`../secret` is not there");
        assert_eq!(refusal(&folder, "loop"), "`loop` cannot be read");
        assert_eq!(refusal(&folder, "blobs"), "`blobs` is not a regular file");
        assert_eq!(folder.document("within").unwrap(), b"{}");
        assert!(!folder.has("nothing"));
    }
}
