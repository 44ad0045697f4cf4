//! What the last commits of a context's Git history changed.

use std::path::Path;
use std::process::Command;

use crate::model::trial::{Change, Origin};

/// Why there is no history to replay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitsError {
    /// Git is not there.
    #[error("failed to run `git`: {0}")]
    Start(#[source] std::io::Error),
    /// It says no.
    #[error("`{dir}` has no Git history: {message}")]
    Git {
        /// The folder that was asked about.
        dir: String,
        /// What Git says.
        message: String,
    },
    /// No commit touched the folder.
    #[error("no commit but the first touched `{dir}`")]
    None {
        /// The folder.
        dir: String,
    },
}

/// The files that each of the last `count` commits changed, as paths within `dir`, newest commit
/// first. Commits that changed nothing in `dir` are not counted. A merge is one commit that brings all
/// that its branch has. The first commit of all, and the first that a shallow clone has, are left out:
/// they seem to add every file.
///
/// # Errors
///
/// Git is not there, `dir` is in no repository, or no such commit touched it.
pub(crate) fn read(dir: &Path, count: u32) -> Result<Vec<Change>, CommitsError> {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["log", "--first-parent", "-m", "--min-parents=1"])
        .args([
            "--relative",
            "--name-only",
            "-z",
            "--no-show-signature",
            "--no-color",
        ])
        .args(["--no-renames", "--format=%x01%h%x02%s%x03"])
        .arg(format!("--max-count={count}"))
        .args(["--", "."])
        .output()
        .map_err(CommitsError::Start)?;
    if output.status.success() {
        let changes = parse(&String::from_utf8_lossy(&output.stdout));
        return if changes.is_empty() {
            Err(CommitsError::None {
                dir: dir.display().to_string(),
            })
        } else {
            Ok(changes)
        };
    }
    Err(CommitsError::Git {
        dir: dir.display().to_string(),
        message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// The commits of a log in the format that `read` asks for.
fn parse(log: &str) -> Vec<Change> {
    log.split('\u{1}').filter_map(commit).collect()
}

fn commit(text: &str) -> Option<Change> {
    let (id, rest) = text.split_once('\u{2}')?;
    let (subject, paths) = rest.split_once('\u{3}')?;
    let paths = paths.split('\0').map(|path| path.trim_start_matches('\n'));
    let mut paths: Vec<_> = paths
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    paths.sort();
    let origin = Origin::Commit {
        id: id.to_owned(),
        subject: subject.to_owned(),
    };
    (!paths.is_empty()).then_some(Change { origin, paths })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn git(dir: &Path, args: &[&str]) {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let git = Command::new("git")
            .arg("-C")
            .arg(dir)
            .args(identity)
            .args(args)
            .output();
        assert!(git.unwrap().status.success(), "{args:?}");
    }

    #[test]
    fn commits_have_their_files_within_the_context() {
        let dir = tempfile::tempdir().unwrap();
        let web = dir.path().join("web");
        fs_err::create_dir(&web).unwrap();
        git(dir.path(), &["init", "--quiet"]);
        let commits = [
            ("web/first", "zero"),
            ("web/ä b", "one"),
            ("other", "two"),
            ("web/c", "three: ü"),
        ];
        for (path, subject) in commits {
            fs_err::write(dir.path().join(path), subject).unwrap();
            git(dir.path(), &["add", "."]);
            git(dir.path(), &["commit", "--quiet", "--message", subject]);
        }
        let changes = read(&web, 5).unwrap();
        let paths: Vec<_> = changes.iter().map(|change| change.paths.clone()).collect();
        assert_eq!(paths, [["c"], ["ä b"]]);
        let Origin::Commit { id, subject } = &changes[0].origin else {
            panic!("it is a commit");
        };
        assert_eq!(subject, "three: ü");
        assert!(id.len() >= 7);
        assert_eq!(read(&web, 1).unwrap().len(), 1);
    }

    #[test]
    fn a_folder_without_history_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = read(dir.path(), 1).unwrap_err().to_string();
        let expected = format!("`{}` has no Git history", dir.path().display());
        assert!(error.starts_with(&expected), "{error}");
    }

    proptest! {
        #[test]
        fn any_log_is_read(log in "[\u{0}-\u{4}a-c\n]{0,40}") {
            for change in parse(&log) {
                prop_assert!(!change.paths.is_empty());
            }
        }
    }
}
