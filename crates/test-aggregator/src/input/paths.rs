//! Turns the paths, folders and globs that the user named into result files.
//!
//! Only names are looked at here; whether a file holds results shows when it is read.

use globset::{GlobBuilder, GlobMatcher};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PathError {
    #[error("`{0}` does not exist")]
    NotFound(String),
    #[error("no file matches `{0}`")]
    NothingMatches(String),
    #[error("`{0}` holds no `*.xml` file, so nothing was tested")]
    EmptyFolder(String),
    #[error("`{pattern}` is not a valid glob")]
    BadGlob {
        pattern: String,
        source: globset::Error,
    },
    #[error("failed to look for `{path}`")]
    Look { path: String, source: io::Error },
    #[error("failed to search `{path}`")]
    Search {
        path: String,
        source: walkdir::Error,
    },
}

/// Returns the files that `paths` name: files as they are, of folders every `*.xml` below them, of
/// globs all that match. A file that is reached twice is listed once, by its first path.
///
/// # Errors
///
/// A path names nothing or cannot be looked at, a folder holds no XML, or a folder cannot be
/// searched.
pub(crate) fn result_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, PathError> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(files_of(path)?);
    }
    let mut seen = HashSet::new();
    // A dangling link has no real path; it is kept, so that reading it reports the fault.
    files.retain(|file| seen.insert(fs_err::canonicalize(file).unwrap_or_else(|_| file.clone())));
    Ok(files)
}

fn files_of(path: &Path) -> Result<Vec<PathBuf>, PathError> {
    let text = path.display().to_string();
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            non_empty(xml_files(path)?, text, PathError::EmptyFolder)
        }
        Ok(_) => Ok(vec![path.to_owned()]),
        Err(_) if text.contains(GLOB_CHARS) => {
            non_empty(matching_files(&text)?, text, PathError::NothingMatches)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(PathError::NotFound(text)),
        Err(source) => Err(PathError::Look { path: text, source }),
    }
}

fn non_empty(
    files: Vec<PathBuf>,
    path: String,
    error: impl FnOnce(String) -> PathError,
) -> Result<Vec<PathBuf>, PathError> {
    if files.is_empty() {
        return Err(error(path));
    }
    Ok(files)
}

const GLOB_CHARS: [char; 4] = ['*', '?', '[', '{'];

/// Every XML file below a folder, sorted. What is neither a file nor a dangling link is left out:
/// a folder may have such a name, and a pipe would make us wait for ever.
fn xml_files(folder: &Path) -> Result<Vec<PathBuf>, PathError> {
    let entries = walk(folder, usize::MAX)?;
    let is_xml_file = |path: &PathBuf| is_xml(path) && (path.is_file() || !path.exists());
    Ok(entries.into_iter().filter(is_xml_file).collect())
}

fn is_xml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
}

/// The files that match a glob, and the XML files of the folders that match it.
fn matching_files(pattern: &str) -> Result<Vec<PathBuf>, PathError> {
    let matcher = glob_matcher(pattern)?;
    let (base, below) = split_at_first_glob(pattern);
    let depth_max = if below.contains("**") {
        usize::MAX
    } else {
        Path::new(below).components().count()
    };
    let mut files = Vec::new();
    if !Path::new(base).is_dir() {
        return Ok(files);
    }
    for path in walk(Path::new(base), depth_max)? {
        // A base of `.` is ours, not the pattern's.
        let found = if pattern.starts_with("./") {
            path.as_path()
        } else {
            path.strip_prefix("./").unwrap_or(&path)
        };
        if !matcher.is_match(found) {
            continue;
        }
        if path.is_dir() {
            files.extend(xml_files(found)?);
        } else {
            files.push(found.to_owned());
        }
    }
    Ok(files)
}

fn glob_matcher(pattern: &str) -> Result<GlobMatcher, PathError> {
    let glob = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|source| PathError::BadGlob {
            pattern: pattern.to_owned(),
            source,
        })?;
    Ok(glob.compile_matcher())
}

/// Splits a pattern into the folder that all matches are in, and the rest.
fn split_at_first_glob(pattern: &str) -> (&str, &str) {
    let first = pattern.find(GLOB_CHARS).unwrap_or(pattern.len());
    match pattern[..first].rfind('/') {
        Some(0) => ("/", &pattern[1..]),
        Some(slash) => (&pattern[..slash], &pattern[slash + 1..]),
        None => (".", pattern),
    }
}

/// Everything below a folder, sorted by name. Links are followed, but not in circles.
fn walk(folder: &Path, depth_max: usize) -> Result<Vec<PathBuf>, PathError> {
    let mut paths = Vec::new();
    let entries = WalkDir::new(folder)
        .min_depth(1)
        .max_depth(depth_max)
        .follow_links(true)
        .sort_by_file_name();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.into_path()),
            Err(error) if error.loop_ancestor().is_some() => {}
            Err(error) if is_gone(&error) => paths.extend(error.path().map(Path::to_owned)),
            Err(source) => {
                return Err(PathError::Search {
                    path: folder.display().to_string(),
                    source,
                });
            }
        }
    }
    Ok(paths)
}

/// Whether a link dangles, or a file was removed while we looked.
fn is_gone(error: &walkdir::Error) -> bool {
    error
        .io_error()
        .is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A folder with files of these names, all empty.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "").unwrap();
        }
        folder
    }

    fn found(folder: &Path, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
        let files = result_files(&paths).unwrap();
        let below = |file: &PathBuf| file.strip_prefix(folder).unwrap().display().to_string();
        files.iter().map(below).collect()
    }

    #[test]
    fn a_folder_stands_for_the_xml_files_below_it() {
        let folder = folder(&["b.xml", "a/c.XML", "a/notes.txt", "a.xml"]);
        assert_eq!(found(folder.path(), &[""]), ["a/c.XML", "a.xml", "b.xml"]);
    }

    #[test]
    fn only_files_are_results_whatever_the_name() {
        let folder = folder(&["a.xml/b.xml"]);
        let _socket = UnixListener::bind(folder.path().join("socket.xml")).unwrap();
        assert_eq!(found(folder.path(), &[""]), ["a.xml/b.xml"]);
        assert_eq!(found(folder.path(), &["*.xml/*"]), ["a.xml/b.xml"]);
    }

    #[test]
    fn a_name_with_glob_characters_is_a_name_when_it_exists() {
        let folder = folder(&["a[1].xml", "a1.xml"]);
        assert_eq!(found(folder.path(), &["a[1].xml"]), ["a[1].xml"]);
        assert_eq!(found(folder.path(), &["a[12].xml"]), ["a1.xml"]);
        assert_eq!(found(folder.path(), &[r"a\[?\].xml"]), ["a[1].xml"]);
    }

    #[test]
    fn a_glob_stays_within_a_folder_unless_it_has_two_stars() {
        let folder = folder(&["a.xml", "b.log", "x/TEST-c.xml", "x/y/TEST-d.xml"]);
        let found = |pattern| found(folder.path(), &[pattern]);
        assert_eq!(found("*.xml"), ["a.xml"]);
        assert_eq!(found("*/TEST-*.xml"), ["x/TEST-c.xml"]);
        assert_eq!(found("**/TEST-*.xml"), ["x/TEST-c.xml", "x/y/TEST-d.xml"]);
        assert_eq!(found("b.{log,txt}"), ["b.log"]);
    }

    #[test]
    fn a_folder_that_a_glob_matches_stands_for_its_xml_files() {
        let folder = folder(&["shard-1/a.xml", "shard-1/a.log", "shard-2/b.txt"]);
        assert_eq!(found(folder.path(), &["shard-*"]), ["shard-1/a.xml"]);
    }

    #[test]
    fn a_file_that_is_reached_twice_is_listed_once() {
        let folder = folder(&["a.xml"]);
        symlink(folder.path().join("a.xml"), folder.path().join("link.xml")).unwrap();
        assert_eq!(found(folder.path(), &["a.xml", "", "*.xml"]), ["a.xml"]);
    }

    #[test]
    fn links_in_a_circle_are_not_followed() {
        let folder = folder(&["a/b.xml"]);
        symlink(folder.path(), folder.path().join("a/up")).unwrap();
        assert_eq!(found(folder.path(), &[""]), ["a/b.xml"]);
        assert_eq!(found(folder.path(), &["**/*.xml"]), ["a/b.xml"]);
    }

    #[test]
    fn what_names_nothing_is_an_error_that_says_so() {
        let folder = folder(&["a.txt", "empty/b.txt"]);
        let error = |path: &str| result_files(&[folder.path().join(path)]).unwrap_err();
        assert!(matches!(error("no.xml"), PathError::NotFound(_)));
        assert!(matches!(error("*.xml"), PathError::NothingMatches(_)));
        assert!(matches!(error("no/*.xml"), PathError::NothingMatches(_)));
        assert!(matches!(error("[a.xml"), PathError::BadGlob { .. }));
        assert!(matches!(error("empty"), PathError::EmptyFolder(_)));
        // Below a file there is nothing to look at, which the system says otherwise.
        assert!(matches!(error("a.txt/b.xml"), PathError::Look { .. }));
    }

    #[test]
    fn a_dangling_link_to_results_is_left_to_the_reader_to_report() {
        let folder = folder(&[]);
        symlink("nowhere", folder.path().join("gone.xml")).unwrap();
        symlink("nowhere", folder.path().join(".lock")).unwrap();
        assert_eq!(found(folder.path(), &[""]), ["gone.xml"]);
    }
}
