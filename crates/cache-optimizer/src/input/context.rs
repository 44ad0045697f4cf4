//! Looks into a build context: what leftovers are in it, and which copied paths are folders.
//!
//! Follows no symbolic links, as the builder does not, and looks at nothing that an ignore file
//! excludes.

use common::build_context::{self, IgnoreFile};
use common::dockerfile::{Detail, Dockerfile};
use fs_err as fs;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files;
use crate::model::context::{Context, leftovers};
use crate::model::files::Files;

/// Contexts that were looked into, by folder and ignore file: many Dockerfiles may share one.
#[derive(Default)]
pub(crate) struct Contexts {
    seen: HashMap<(PathBuf, Option<PathBuf>), Context>,
}

impl Contexts {
    /// Looks into the context at `dir`. `size_bytes` is its size where a build measured it; else it is
    /// measured here, if there are leftovers to compare with it.
    ///
    /// # Errors
    ///
    /// A folder or an ignore file cannot be read.
    pub(crate) fn read(
        &mut self,
        dir: &Path,
        dockerfile_path: &Path,
        dockerfile: &Dockerfile,
        size_bytes: Option<u64>,
    ) -> io::Result<Context> {
        let ignore_path = build_context::ignore_path(dir, dockerfile_path);
        let key = (dir.to_owned(), ignore_path.clone());
        let context = match self.seen.get(&key) {
            Some(context) => context.clone(),
            None => self
                .seen
                .entry(key)
                .or_insert(read_folder(dir, ignore_path.as_deref())?)
                .clone(),
        };
        Ok(Context {
            size_bytes: size_bytes.unwrap_or(context.size_bytes),
            folders: folders(&context.files, dockerfile),
            ..context
        })
    }
}

fn read_folder(dir: &Path, ignore_path: Option<&Path>) -> io::Result<Context> {
    let ignore_text = ignore_path.map(fs::read).transpose()?;
    let ignore_text = ignore_text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let ignore = ignore_file(ignore_path, ignore_text.as_deref().unwrap_or_default())?;
    let files = files::read(dir, &ignore)?;
    let read_bytes: u64 = files.sizes_bytes.values().sum();
    let unread_bytes: u64 = files.unread.values().sum();
    let ignore_path = ignore_path.map_or_else(|| dir.join(".dockerignore"), Path::to_owned);
    Ok(Context {
        dir: dir.display().to_string(),
        size_bytes: read_bytes + unread_bytes,
        leftovers: leftovers(&files),
        ignore_path: shown(&ignore_path),
        ignore_text,
        folders: BTreeSet::new(),
        files: Arc::new(files),
    })
}

/// A path without a needless `./` in front.
fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

fn ignore_file(path: Option<&Path>, text: &str) -> io::Result<IgnoreFile> {
    IgnoreFile::parse(text).map_err(|(line, pattern)| {
        let path = path.unwrap_or(Path::new(".dockerignore")).display();
        let message = format!("`{path}` line {line}: `{pattern}` is not a pattern");
        io::Error::new(io::ErrorKind::InvalidData, message)
    })
}

fn folders(files: &Files, dockerfile: &Dockerfile) -> BTreeSet<String> {
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
        .filter(|source| is_folder(files, source))
        .cloned()
        .collect()
}

fn is_folder(files: &Files, source: &str) -> bool {
    let parts = source.split('/').filter(|part| !matches!(*part, "" | "."));
    let path: Vec<_> = parts.collect();
    path.is_empty() || files.folders.contains(&path.join("/"))
}

#[cfg(test)]
mod tests {
    use common::dockerfile::{Copy, Instruction, Stage};

    use super::*;
    use crate::model::context::Entry;

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
        let dockerfile = dockerfile(&["src", "a.txt", "gone"]);
        let mut contexts = Contexts::default();
        contexts.read(dir, &path, &dockerfile, size_bytes).unwrap()
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
    fn leftovers_below_the_top_are_known_by_names_that_mean_nothing_else() {
        let dir = project(&[
            ("web/node_modules/a/node_modules/b", 10),
            ("web/build/a", 10),
            ("api/Cargo.toml", 1),
            ("api/target/a", 20),
            ("docs/target/a", 30),
        ]);
        let context = read_project(dir.path(), None);
        let expected = [entry("api/target", 20), entry("web/node_modules", 10)];
        assert_eq!(context.leftovers, expected);
    }

    #[test]
    fn a_folder_of_which_the_ignore_file_leaves_nothing_is_no_leftover() {
        let dir = project(&[("node_modules/a", 10), ("build/a", 10)]);
        fs::write(
            dir.path().join(".dockerignore"),
            "node_modules/*\nbuild/**\n",
        )
        .unwrap();
        assert_eq!(read_project(dir.path(), None).leftovers, []);
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
