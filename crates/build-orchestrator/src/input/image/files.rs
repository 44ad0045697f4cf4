//! The files of an image, from the tar archive that the Engine exports of a container.
//!
//! Content is looked at while it streams by, and not kept but for `/etc/passwd`.

use std::io::{self, Read};
use tar::{Archive, Entry, EntryType};

use super::program::{HEAD_BYTES_MAX, program};
use crate::model::image::{FileKind, ImageFile, ImageFiles, Program};

/// How much of `/etc/passwd` is read, in bytes.
///
/// Chosen: a thousand times that of any distribution.
const PASSWD_BYTES_MAX: u64 = 1 << 20;

/// Reads the archive of a container's file system.
///
/// # Errors
///
/// It is no tar archive, or ends within a file.
pub(crate) fn read_files(reader: impl Read) -> io::Result<ImageFiles> {
    let mut files = ImageFiles::default();
    let mut archive = Archive::new(reader);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = name(&entry.path_bytes());
        if path.is_empty() {
            continue;
        }
        if path == "etc/passwd" && entry.header().entry_type().is_file() {
            files.passwd = Some(read_text(&mut entry)?);
        }
        if let Some(file) = read_file(&mut entry, &files)? {
            files.entries.insert(path, file);
        }
    }
    Ok(files)
}

/// `None` for a hard link to nothing.
fn read_file(
    entry: &mut Entry<'_, impl Read>,
    files: &ImageFiles,
) -> io::Result<Option<ImageFile>> {
    let mode = entry.header().mode()? & 0o7777;
    let kind = match entry.header().entry_type() {
        EntryType::Directory => FileKind::Directory,
        EntryType::Symlink => FileKind::Link(link_name(entry)),
        EntryType::Link => return Ok(files.entries.get(&link_name(entry)).cloned()),
        kind if kind.is_file() && mode & 0o111 == 0 => FileKind::File(Program::Unknown),
        kind if kind.is_file() => FileKind::File(program(&read_head(entry)?)),
        _ => FileKind::Other,
    };
    Ok(Some(ImageFile { kind, mode }))
}

fn link_name(entry: &Entry<'_, impl Read>) -> String {
    let target = entry.link_name_bytes().unwrap_or_default();
    // A symbolic link that leads to the root keeps its `/`: it says where from.
    match entry.header().entry_type() {
        EntryType::Link => name(&target),
        _ => String::from_utf8_lossy(&target).into_owned(),
    }
}

fn read_head(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    entry.take(HEAD_BYTES_MAX).read_to_end(&mut head)?;
    Ok(head)
}

fn read_text(entry: &mut impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    entry.take(PASSWD_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A member's name as a path without `/` or `./` before it or `/` behind it.
fn name(bytes: &[u8]) -> String {
    let name = String::from_utf8_lossy(bytes);
    let name = name.strip_prefix("./").unwrap_or(&name);
    name.trim_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tar::{Builder, Header};

    fn add(builder: &mut Builder<Vec<u8>>, path: &str, kind: EntryType, mode: u32, data: &str) {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(0);
        if kind.is_symlink() || kind.is_hard_link() {
            builder.append_link(&mut header, path, data).unwrap();
        } else {
            header.set_size(data.len() as u64);
            builder
                .append_data(&mut header, path, data.as_bytes())
                .unwrap();
        }
    }

    #[test]
    fn files_are_kept_with_what_would_run_them() {
        let mut tar = Builder::new(Vec::new());
        add(&mut tar, "etc/", EntryType::Directory, 0o755, "");
        add(
            &mut tar,
            "etc/passwd",
            EntryType::Regular,
            0o644,
            "root:x:0:0::/:\n",
        );
        add(&mut tar, "run", EntryType::Regular, 0o4755, "#!/bin/sh\n");
        add(&mut tar, "again", EntryType::Link, 0o4755, "run");
        add(&mut tar, "sh", EntryType::Symlink, 0o777, "/bin/dash");
        let files = read_files(&tar.into_inner().unwrap()[..]).unwrap();
        assert_eq!(files.passwd.as_deref(), Some("root:x:0:0::/:\n"));
        let script = ImageFile {
            kind: FileKind::File(Program::Script("/bin/sh".to_owned())),
            mode: 0o4755,
        };
        assert_eq!(files.entries["run"], script);
        assert_eq!(files.entries["again"], script);
        assert_eq!(files.entries["etc"].kind, FileKind::Directory);
        assert_eq!(
            files.entries["sh"].kind,
            FileKind::Link("/bin/dash".to_owned())
        );
    }

    #[test]
    fn an_archive_that_is_cut_off_is_an_error() {
        let mut tar = Builder::new(Vec::new());
        add(
            &mut tar,
            "run",
            EntryType::Regular,
            0o755,
            &"x".repeat(2000),
        );
        let bytes = tar.into_inner().unwrap();
        assert!(read_files(&bytes[..600]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_files_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read_files(&bytes[..]);
        }
    }
}
