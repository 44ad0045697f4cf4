//! What changed between two sets of files.

use crate::model::build::{File, FileSet};

/// One file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileChange {
    /// The path within the build context.
    pub(crate) path: String,
    /// What happened to it.
    pub(crate) kind: FileChangeKind,
}

/// What can happen to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileChangeKind {
    Added,
    Removed,
    /// Its content differs, and perhaps its permission bits too.
    Content,
    /// Only its permission bits differ.
    Mode,
}

/// The files and folders that differ, by path, folders with a slash at the end; none when one of the
/// sets does not list its files. `None` when nothing is known to differ.
pub(crate) fn file_changes(before: &FileSet, after: &FileSet) -> Option<Vec<FileChange>> {
    let mut changes = folder_changes(before, after);
    if before.digest == after.digest {
        return (!changes.is_empty()).then_some(changes);
    }
    let (Some(before), Some(after)) = (&before.files, &after.files) else {
        return Some(Vec::new());
    };
    let kept_or_added = after
        .iter()
        .filter_map(|(path, file)| Some(change(path, kind(before.get(path), file)?)));
    let removed = before
        .keys()
        .filter(|path| !after.contains_key(*path))
        .map(|path| change(path, FileChangeKind::Removed));
    changes.extend(kept_or_added.chain(removed));
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Some(changes)
}

/// The folders that were added, removed, or have other permission bits, where both sets list them.
fn folder_changes(before: &FileSet, after: &FileSet) -> Vec<FileChange> {
    let (Some(before), Some(after)) = (&before.folders, &after.folders) else {
        return Vec::new();
    };
    let kind = |path: &String| match (before.get(path), after.get(path)) {
        (None, Some(_)) => Some(FileChangeKind::Added),
        (Some(_), None) => Some(FileChangeKind::Removed),
        (before, after) => (before != after).then_some(FileChangeKind::Mode),
    };
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    let paths = after.keys().chain(gone);
    paths
        .filter_map(|path| Some(change(&format!("{path}/"), kind(path)?)))
        .collect()
}

fn kind(before: Option<&File>, after: &File) -> Option<FileChangeKind> {
    match before {
        None => Some(FileChangeKind::Added),
        Some(before) if before.digest != after.digest => Some(FileChangeKind::Content),
        Some(before) if before.mode != after.mode => Some(FileChangeKind::Mode),
        Some(_) => None,
    }
}

fn change(path: &str, kind: FileChangeKind) -> FileChange {
    FileChange {
        path: path.to_owned(),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::file_set;

    #[test]
    fn every_kind_of_change_is_named_by_path() {
        let before = file_set(
            "1",
            &[
                ("mode", "x", 0o644),
                ("same", "x", 0o644),
                ("text", "x", 0o644),
                ("was", "x", 0o644),
            ],
        );
        let after = file_set(
            "2",
            &[
                ("is", "x", 0o644),
                ("mode", "x", 0o664),
                ("same", "x", 0o644),
                ("text", "y", 0o600),
            ],
        );
        let expected = [
            change("is", FileChangeKind::Added),
            change("mode", FileChangeKind::Mode),
            change("text", FileChangeKind::Content),
            change("was", FileChangeKind::Removed),
        ];
        assert_eq!(file_changes(&before, &after).unwrap(), expected);
    }

    #[test]
    fn folders_are_told_by_their_slash() {
        let set = |folders: &[(&str, u32)]| {
            let folders = folders.iter();
            FileSet {
                folders: Some(
                    folders
                        .map(|&(path, mode)| (path.to_owned(), mode))
                        .collect(),
                ),
                ..file_set("1", &[])
            }
        };
        let before = set(&[("mode", 0o755), ("same", 0o755), ("was", 0o755)]);
        let after = set(&[("is", 0o755), ("mode", 0o700), ("same", 0o755)]);
        let expected = [
            change("is/", FileChangeKind::Added),
            change("mode/", FileChangeKind::Mode),
            change("was/", FileChangeKind::Removed),
        ];
        assert_eq!(file_changes(&before, &after).unwrap(), expected);
        assert_eq!(file_changes(&before, &file_set("1", &[])), None);
    }

    #[test]
    fn equal_digests_mean_equal_files() {
        let set = file_set("1", &[]);
        assert_eq!(file_changes(&set, &set), None);
    }

    #[test]
    fn a_change_is_certain_even_where_the_files_are_too_many_to_list() {
        let mut before = file_set("1", &[]);
        before.files = None;
        let after = file_set("2", &[("a", "x", 0o644)]);
        assert_eq!(file_changes(&before, &after), Some(Vec::new()));
    }
}
