//! Looks into a build context: what leftovers are in it, and which copied paths are folders.
//!
//! Follows no symbolic links, as the builder does not, and looks at nothing that an ignore file
//! excludes.

use common::dockerfile::{Detail, Dockerfile};
use fs_err as fs;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::context::{Context, Entry, LEFTOVERS};
use crate::model::ignore::IgnoreFile;

/// Looks into the context at `dir`. `size_bytes` is its size where a build measured it; else it is
/// measured here, if there are leftovers to compare with it.
///
/// # Errors
///
/// A folder or an ignore file cannot be read.
pub(crate) fn read(
    dir: &Path,
    dockerfile_path: &Path,
    dockerfile: &Dockerfile,
    size_bytes: Option<u64>,
) -> io::Result<Context> {
    let ignore_path = ignore_path(dir, dockerfile_path);
    let ignore = read_ignore_file(&ignore_path)?;
    let leftovers = leftovers(dir, &ignore)?;
    let size_bytes = match size_bytes {
        Some(size_bytes) => size_bytes,
        None if leftovers.is_empty() => 0,
        None => offered_size_bytes(dir, &ignore)?,
    };
    Ok(Context {
        size_bytes,
        leftovers,
        ignore_path: ignore_path.display().to_string(),
        folders: folders(dir, dockerfile),
    })
}

/// The Dockerfile's own ignore file if it has one, else that of the context.
///
/// Source: <https://docs.docker.com/build/concepts/context/#filename-and-location>
fn ignore_path(dir: &Path, dockerfile_path: &Path) -> PathBuf {
    let mut own_path = dockerfile_path.as_os_str().to_owned();
    own_path.push(".dockerignore");
    let own_path = PathBuf::from(own_path);
    if own_path.exists() {
        own_path
    } else {
        dir.join(".dockerignore")
    }
}

fn read_ignore_file(path: &Path) -> io::Result<IgnoreFile> {
    match fs::read(path) {
        Ok(bytes) => Ok(IgnoreFile::parse(&String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(IgnoreFile::default()),
        Err(error) => Err(error),
    }
}

fn leftovers(dir: &Path, ignore: &IgnoreFile) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for name in LEFTOVERS.into_iter().filter(|name| !ignore.excludes(name)) {
        let path = dir.join(name);
        if path.symlink_metadata().is_ok() {
            found.push(Entry {
                name: name.to_owned(),
                size_bytes: size_bytes(path)?,
            });
        }
    }
    Ok(found)
}

fn offered_size_bytes(dir: &Path, ignore: &IgnoreFile) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if !ignore.excludes(&entry.file_name().to_string_lossy()) {
            sum += size_bytes(entry.path())?;
        }
    }
    Ok(sum)
}

/// Bytes of all files below a path, or of the file that it is.
fn size_bytes(path: PathBuf) -> io::Result<u64> {
    let mut sum = 0;
    let mut paths = vec![path];
    while let Some(path) = paths.pop() {
        let metadata = fs::symlink_metadata(&path)?;
        if metadata.is_dir() {
            for entry in fs::read_dir(&path)? {
                paths.push(entry?.path());
            }
        } else if metadata.is_file() {
            sum += metadata.len();
        }
    }
    Ok(sum)
}

fn folders(dir: &Path, dockerfile: &Dockerfile) -> BTreeSet<String> {
    let instructions = dockerfile
        .stages
        .iter()
        .flat_map(|stage| &stage.instructions);
    instructions
        .filter_map(|instruction| match &instruction.detail {
            Detail::Copy(copy) | Detail::Add(copy) if copy.from.is_none() => Some(&copy.sources),
            _ => None,
        })
        .flatten()
        .filter(|source| dir.join(source.trim_start_matches('/')).is_dir())
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use common::dockerfile::{Copy, Instruction, Stage};

    use super::*;

    fn project(files: &[(&str, usize)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, size_bytes) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![b'x'; *size_bytes]).unwrap();
        }
        dir
    }

    fn dockerfile(sources: &[&str]) -> Dockerfile {
        let copy = Copy {
            flags: Vec::new(),
            from: None,
            sources: sources.iter().map(|&source| source.to_owned()).collect(),
            destination: "./".to_owned(),
        };
        let instruction = Instruction {
            keyword: "COPY".to_owned(),
            text: "COPY".to_owned(),
            line: 2,
            end_line: 2,
            detail: Detail::Copy(copy),
        };
        let stage = Stage {
            name: None,
            base: "scratch".to_owned(),
            platform: None,
            line: 1,
            instructions: vec![instruction],
        };
        Dockerfile {
            syntax: None,
            escape: '\\',
            global_args: Vec::new(),
            stages: vec![stage],
        }
    }

    fn read_project(dir: &Path, size_bytes: Option<u64>) -> Context {
        let path = dir.join("Dockerfile");
        read(
            dir,
            &path,
            &dockerfile(&["src", "a.txt", "gone"]),
            size_bytes,
        )
        .unwrap()
    }

    fn entry(name: &str, size_bytes: u64) -> Entry {
        Entry {
            name: name.to_owned(),
            size_bytes,
        }
    }

    #[test]
    fn leftovers_are_measured_with_all_that_is_in_them() {
        let dir = project(&[(".git/a", 10), (".git/b/c", 20), ("a.txt", 5), ("src/b", 7)]);
        let context = read_project(dir.path(), None);
        assert_eq!(context.leftovers, [entry(".git", 30)]);
        assert_eq!(context.size_bytes, 42);
        assert_eq!(context.folders, BTreeSet::from(["src".to_owned()]));
    }

    #[test]
    fn the_size_that_a_build_measured_is_kept() {
        let dir = project(&[(".git/a", 10)]);
        assert_eq!(read_project(dir.path(), Some(99)).size_bytes, 99);
    }

    #[test]
    fn what_an_ignore_file_excludes_is_no_leftover() {
        let dir = project(&[(".git/a", 10), ("target/x", 10)]);
        fs::write(dir.path().join(".dockerignore"), ".git\n").unwrap();
        let context = read_project(dir.path(), None);
        assert_eq!(context.leftovers, [entry("target", 10)]);
    }

    #[test]
    fn the_ignore_file_of_the_dockerfile_goes_before_that_of_the_context() {
        let dir = project(&[(".git/a", 10)]);
        fs::write(dir.path().join(".dockerignore"), ".git\n").unwrap();
        fs::write(dir.path().join("Dockerfile.dockerignore"), "*.md\n").unwrap();
        let context = read_project(dir.path(), None);
        assert_eq!(context.leftovers.len(), 1);
        assert!(context.ignore_path.ends_with("/Dockerfile.dockerignore"));
    }
}
