//! Walks a build context: which files it offers, and the texts of those that say what a project needs.
//!
//! Looks into no folder that a tool fills by itself, such as `node_modules`, and gives up on a context
//! that is too large: rules then know less and offer no patch. Of a filled folder it knows the bytes.

use common::build_context::{IgnoreFile, Matches};
use fs_err as fs;
use std::io;
use std::path::Path;

use crate::model::files::Files;

/// Chosen: no project's sources have more, and walking so many takes well under a second.
const ENTRIES_MAX: usize = 50_000;

/// Chosen: manifests that people write are far smaller.
const TEXT_BYTES_MAX: u64 = 256 * 1024;

/// Folders that a tool fills.
const FILLED: [&str; 12] = [
    ".cache",
    ".git",
    ".gradle",
    ".hg",
    ".mypy_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "node_modules",
    "target",
    "venv",
];

/// The names of files whose text says what a project needs.
const MANIFESTS: [&str; 38] = [
    ".npmrc",
    ".pnpmfile.cjs",
    ".pnpmfile.mjs",
    ".python-version",
    ".ruby-version",
    ".tool-versions",
    ".yarnrc",
    ".yarnrc.yml",
    "Cargo.toml",
    "Directory.Build.props",
    "Directory.Build.targets",
    "Directory.Packages.props",
    "Gemfile",
    "NuGet.Config",
    "NuGet.config",
    "Pipfile",
    "build.gradle",
    "build.gradle.kts",
    "bunfig.toml",
    "composer.json",
    "config.toml",
    "constraints.txt",
    "global.json",
    "go.mod",
    "go.work",
    "gradle.properties",
    "libs.versions.toml",
    "nuget.config",
    "package.json",
    "pnpm-workspace.yaml",
    "pom.xml",
    "pyproject.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "settings.gradle",
    "settings.gradle.kts",
    "setup.cfg",
    "setup.py",
];

/// The ends of the names of such files.
const MANIFEST_ENDINGS: [&str; 7] = [
    ".csproj", ".fsproj", ".gemspec", ".sln", ".slnx", ".vbproj", ".txt",
];

/// Files whose text says what else of the project is used: what builds, and what names stages.
const SCRIPTS: [&str; 6] = [
    ".gitignore",
    "GNUmakefile",
    "Makefile",
    "build.rs",
    "justfile",
    "makefile",
];

/// The starts and the ends of the names of such files.
const SCRIPT_STARTS: [&str; 4] = ["Dockerfile", "compose", "docker-bake", "docker-compose"];
const SCRIPT_ENDINGS: [&str; 3] = [".Dockerfile", ".dockerfile", ".sh"];

/// Reads what `dir` offers after `ignore`.
///
/// # Errors
///
/// A folder or a manifest cannot be read.
pub(super) fn read(dir: &Path, ignore: &IgnoreFile) -> io::Result<Files> {
    let mut files = Files {
        is_complete: true,
        ..Files::default()
    };
    let mut walk = vec![(String::new(), ignore.root())];
    while let Some((folder, matches)) = walk.pop() {
        for entry in fs::read_dir(dir.join(&folder))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                files.is_complete = false;
                continue;
            };
            let path = join(&folder, &name);
            let matches = ignore.matches(&path, &matches);
            let kind = entry.file_type()?;
            if files.sizes_bytes.len() + files.folders.len() >= ENTRIES_MAX {
                files.is_complete = false;
                return Ok(files);
            }
            if kind.is_dir() {
                if !is_filled(&name) {
                    walk.extend(add_folder(&mut files, ignore, (path, matches)));
                } else if !ignore.ignores(&matches) || ignore.may_except_below(&path, &matches) {
                    add_filled(&mut files, ignore, &entry.path(), (path, matches))?;
                }
            } else if !ignore.ignores(&matches) {
                add_file(&mut files, &entry.path(), path, &name)?;
            }
        }
    }
    Ok(files)
}

/// The folder, if it is to be walked.
fn add_folder(
    files: &mut Files,
    ignore: &IgnoreFile,
    (path, matches): (String, Matches),
) -> Option<(String, Matches)> {
    let is_ignored = ignore.ignores(&matches);
    if is_ignored && !ignore.may_except_below(&path, &matches) {
        return None;
    }
    if !is_ignored {
        files.folders.insert(path.clone());
    }
    Some((path, matches))
}

fn is_filled(name: &str) -> bool {
    FILLED.contains(&name)
}

/// Measures a folder without keeping what is in it.
fn add_filled(
    files: &mut Files,
    ignore: &IgnoreFile,
    on_disk: &Path,
    (path, matches): (String, Matches),
) -> io::Result<()> {
    files.is_complete = false;
    if !ignore.ignores(&matches) {
        files.folders.insert(path.clone());
    }
    let mut size_bytes = 0;
    let mut walk = vec![(on_disk.to_owned(), path.clone(), matches)];
    while let Some((on_disk, folder, matches)) = walk.pop() {
        for entry in fs::read_dir(&on_disk)? {
            let entry = entry?;
            let path = join(&folder, &entry.file_name().to_string_lossy());
            let matches = ignore.matches(&path, &matches);
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !ignore.ignores(&matches) || ignore.may_except_below(&path, &matches) {
                    walk.push((entry.path(), path, matches));
                }
            } else if kind.is_file() && !ignore.ignores(&matches) {
                size_bytes += entry.metadata()?.len();
            }
        }
    }
    files.unread.insert(path, size_bytes);
    Ok(())
}

fn add_file(files: &mut Files, on_disk: &Path, path: String, name: &str) -> io::Result<()> {
    let metadata = fs::symlink_metadata(on_disk)?;
    if metadata.is_symlink() {
        let target = fs::read_link(on_disk)?.to_string_lossy().into_owned();
        files.links.insert(path.clone(), target);
        files.sizes_bytes.insert(path, 0);
        return Ok(());
    }
    if metadata.is_file() && is_manifest(name) && metadata.len() <= TEXT_BYTES_MAX {
        let text = String::from_utf8_lossy(&fs::read(on_disk)?).into_owned();
        files.texts.insert(path.clone(), text);
    }
    files.sizes_bytes.insert(path, metadata.len());
    Ok(())
}

fn is_manifest(name: &str) -> bool {
    let starts = |start: &&str| name.starts_with(*start);
    let ends = |end: &&str| name.ends_with(*end);
    MANIFESTS.contains(&name)
        || SCRIPTS.contains(&name)
        || MANIFEST_ENDINGS.iter().any(ends)
        || SCRIPT_STARTS.iter().any(starts)
        || SCRIPT_ENDINGS.iter().any(ends)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_filled_folder_offers_is_measured_after_the_ignore_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("web/node_modules/a")).unwrap();
        fs::write(dir.path().join("web/node_modules/a/b.js"), "123").unwrap();
        fs::write(dir.path().join("web/node_modules/a/b.map"), "12345").unwrap();
        let bytes = |text: &str| {
            let files = read(dir.path(), &IgnoreFile::parse(text).unwrap()).unwrap();
            files.unread.get("web/node_modules").copied()
        };
        assert_eq!(bytes(""), Some(8));
        assert_eq!(bytes("**/*.map"), Some(3));
        assert_eq!(bytes("**/node_modules/*"), Some(0));
        assert_eq!(bytes("**/node_modules"), None);
        assert_eq!(bytes("*\n!web"), Some(8));
    }

    #[test]
    fn files_folders_links_and_manifests_are_found_after_the_ignore_file() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("package.json", "{}");
        write("web/src/a.js", "12345");
        write("node_modules/a/package.json", "{}");
        write("docs/a.md", "x");
        write("docs/keep.md", "x");
        std::os::unix::fs::symlink("web", dir.path().join("link")).unwrap();
        let ignore = IgnoreFile::parse("docs\n!docs/keep.md\n").unwrap();
        let files = read(dir.path(), &ignore).unwrap();
        let paths: Vec<_> = files.sizes_bytes.iter().collect();
        let expected = [
            ("docs/keep.md", 1),
            ("link", 0),
            ("package.json", 2),
            ("web/src/a.js", 5),
        ];
        let expected = expected.map(|(path, size_bytes)| (path.to_owned(), size_bytes));
        assert_eq!(
            paths,
            expected.iter().map(|(p, s)| (p, s)).collect::<Vec<_>>()
        );
        assert_eq!(files.text("package.json"), Some("{}"));
        assert_eq!(files.links["link"], "web");
        let folders: Vec<_> = files.folders.iter().map(String::as_str).collect();
        assert_eq!(folders, ["node_modules", "web", "web/src"]);
        assert!(!files.is_complete);
        assert_eq!(files.unread["node_modules"], 2);
    }
}
