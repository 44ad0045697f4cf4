//! Which paths the last commits touched, asked through the git command.
//!
//! Follows first parents only: a merge is one commit that brings all that its branch has. A rename is
//! a removal and an addition, as it is for a build. The first commit of all, and the first that a
//! shallow clone has, are left out: they seem to add every file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::model::build::Build;
use crate::model::change::{Change, Commit, Commits, PathChange};

/// Why commits are not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    /// There is no git.
    #[error("git cannot be run: {0}")]
    NoGit(std::io::Error),
    /// No context is a folder here.
    #[error("no build context is a folder here")]
    NoFolder,
    /// Git does not answer, as where there is no repository.
    #[error("git says of `{dir}`: {message}")]
    Refused {
        /// The build context.
        dir: String,
        /// The first line that git wrote.
        message: String,
    },
    /// No commit touched the context.
    #[error("no commit but the first touched a build context")]
    NoCommits,
}

/// The last commits, at most `count_max` of each repository, that touched the contexts of a build.
///
/// # Errors
///
/// There is no git, no repository or no such commit.
pub(crate) fn commits(build: &Build, count_max: u32) -> Result<Commits, GitError> {
    let mut commits = Commits {
        count_max,
        ..Commits::default()
    };
    for (root, repository) in repositories(build)? {
        commits.is_shallow |= repository.is_shallow;
        let prefixes = repository.prefixes.values();
        let log = log(&root, prefixes, count_max)?;
        let commit = |touched: Touched| commit(touched, &repository.prefixes);
        commits.list.extend(log.into_iter().filter_map(commit));
    }
    if commits.list.is_empty() {
        return Err(GitError::NoCommits);
    }
    Ok(commits)
}

#[derive(Debug, Default)]
struct Repository {
    is_shallow: bool,
    /// Where each context lies in it: empty, or a path that ends in a slash.
    prefixes: HashMap<String, String>,
}

/// The repositories that the contexts lie in, by their folders.
fn repositories(build: &Build) -> Result<BTreeMap<PathBuf, Repository>, GitError> {
    let dirs = build.targets.iter().map(|target| &target.context_dir);
    let dirs: BTreeSet<_> = dirs.filter(|dir| Path::new(dir).is_dir()).collect();
    let mut repositories = BTreeMap::<_, Repository>::new();
    for dir in dirs {
        // The prefix comes last, because it is empty at the top.
        let args = [
            "--is-shallow-repository",
            "--show-toplevel",
            "--show-prefix",
        ];
        let mut command = git(Path::new(dir));
        let answer = answer(command.arg("rev-parse").args(args), dir)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let mut lines = answer.lines();
        let is_shallow = lines.next() == Some("true");
        let root = PathBuf::from(lines.next().unwrap_or_default());
        let repository = repositories.entry(root).or_default();
        repository.is_shallow = is_shallow;
        let prefix = lines.next().unwrap_or_default().to_owned();
        repository.prefixes.insert(dir.clone(), prefix);
    }
    if repositories.is_empty() {
        return Err(GitError::NoFolder);
    }
    Ok(repositories)
}

fn git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(dir);
    command
}

fn answer(command: &mut Command, dir: &str) -> Result<Vec<u8>, GitError> {
    let output = command.output().map_err(GitError::NoGit)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Err(GitError::Refused {
        dir: dir.to_owned(),
        message: message.lines().next().unwrap_or_default().to_owned(),
    })
}

fn log<'a>(
    root: &Path,
    prefixes: impl Iterator<Item = &'a String>,
    count_max: u32,
) -> Result<Vec<Touched>, GitError> {
    let count = count_max.to_string();
    let args = [
        "log",
        "--first-parent",
        // With it merges too are compared, with their first parent.
        "-m",
        "--no-renames",
        "--no-show-signature",
        "--no-color",
        "--name-status",
        "-z",
        "--format=%H %P",
        "--max-count",
        &count,
        "--",
    ];
    let mut command = git(root);
    command.args(args);
    for prefix in prefixes {
        // Without magic, so that a name is no pattern.
        command.arg(OsStr::new(&format!(":(top,literal){prefix}")));
    }
    let answer = answer(&mut command, &root.display().to_string())?;
    Ok(parse(&answer))
}

/// A commit, and the paths that it touched, from the repository's folder.
#[derive(Debug, PartialEq, Eq)]
struct Touched {
    id: String,
    paths: Vec<String>,
}

/// Parses `git log -z --name-status --format="%H %P"`: fields that end in a NUL. The first kind of
/// change of a commit stands after a line break. Commits without parents are left out.
fn parse(log: &[u8]) -> Vec<Touched> {
    let log = String::from_utf8_lossy(log);
    let mut fields = log.split('\0');
    let mut commits: Vec<(bool, Touched)> = Vec::new();
    while let Some(field) = fields.next() {
        let field = field.trim_start_matches('\n');
        if let Some((id, parents)) = field.split_once(' ') {
            let touched = Touched {
                id: id.to_owned(),
                paths: Vec::new(),
            };
            commits.push((!parents.is_empty(), touched));
        } else if !field.is_empty()
            && let Some((path, (_, commit))) = fields.next().zip(commits.last_mut())
        {
            commit.paths.push(path.to_owned());
        }
    }
    let is_child = |(has_parent, touched): (bool, Touched)| has_parent.then_some(touched);
    commits.into_iter().filter_map(is_child).collect()
}

/// What a commit is for the contexts. `None` when it touched none, as a commit of a submodule.
fn commit(touched: Touched, prefixes: &HashMap<String, String>) -> Option<Commit> {
    let mut change = Change::default();
    for (context_dir, prefix) in prefixes {
        for path in &touched.paths {
            if let Some(path) = path.strip_prefix(prefix) {
                let path = PathChange {
                    path: path.to_owned(),
                    is_folder: false,
                };
                change.add(&Change::one(context_dir, path));
            }
        }
    }
    (!change.contexts.is_empty()).then_some(Commit {
        id: touched.id,
        change,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paths(log: &str) -> Vec<(String, Vec<String>)> {
        let commits = parse(log.as_bytes()).into_iter();
        commits.map(|commit| (commit.id, commit.paths)).collect()
    }

    #[test]
    fn each_commit_has_the_paths_that_it_touched() {
        // What git 2.47 wrote, its ids cut.
        let log =
            "72c7 d553\0\nM\0src/z\0d553 4bd5 7313\0\nA\0n w\0D\0src/a\0b07f 2800\0\nM\0\nx\0";
        let expected = [
            ("72c7", vec!["src/z"]),
            ("d553", vec!["n w", "src/a"]),
            ("b07f", vec!["\nx"]),
        ];
        let expected = expected.map(|(id, paths)| {
            let paths = paths.into_iter().map(str::to_owned).collect();
            (id.to_owned(), paths)
        });
        assert_eq!(paths(log), expected);
    }

    #[test]
    fn a_commit_without_parents_says_nothing() {
        assert_eq!(paths("2800 \0\nA\0src/a\0"), []);
    }

    #[test]
    fn paths_are_given_within_their_context() {
        let touched = Touched {
            id: "1".to_owned(),
            paths: vec!["web/src/a".to_owned(), "api/b".to_owned()],
        };
        let prefixes = HashMap::from([("./web".to_owned(), "web/".to_owned())]);
        let commit = commit(touched, &prefixes).unwrap();
        let path = PathChange {
            path: "src/a".to_owned(),
            is_folder: false,
        };
        assert_eq!(commit.change, Change::one("./web", path));
    }

    #[test]
    fn a_folder_without_a_repository_is_named_with_what_git_says() {
        let dir = tempfile::tempdir().unwrap();
        let mut target = crate::model::sample::target([]);
        target.context_dir = dir.path().display().to_string();
        let error = commits(&crate::model::sample::build([target]), 10).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains(&dir.path().display().to_string()),
            "{message}"
        );
        assert!(message.contains("not a git repository"), "{message}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_commits_or_none(log: Vec<u8>) {
            parse(&log);
        }
    }
}
