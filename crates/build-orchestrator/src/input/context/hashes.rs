//! Remembers the digests of a context's files from one build to the next.
//!
//! A digest holds while device, inode, size and both times of a file do. What cannot be read or
//! written is done without: then every file is read again, which only takes longer.

use common::report::sha256_hex;
use std::collections::HashMap;
use std::fs::Metadata;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// How old the last change of a file has to be for its digest to be remembered. A younger file can
/// change once more without a change of its times.
///
/// Chosen: the coarsest clock of a file system in use is that of FAT, 2 s.
/// Source: <https://git-scm.com/docs/racy-git>
const SETTLED_NS: i128 = 2_000_000_000;

/// The first line of a file of digests, which the digest of the rest follows.
const HEADER: &str = "build-orchestrator context digests 1 ";

/// What stands for the content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    dev: u64,
    inode: u64,
    size_bytes: u64,
    modified_ns: i128,
    changed_ns: i128,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let ns = |seconds: i64, nanoseconds: i64| {
            i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
        };
        Self {
            dev: metadata.dev(),
            inode: metadata.ino(),
            size_bytes: metadata.len(),
            modified_ns: ns(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: ns(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether a further change after `now_ns` would show in the times.
    fn is_settled(&self, now_ns: i128) -> bool {
        self.modified_ns.max(self.changed_ns) + SETTLED_NS < now_ns
    }
}

/// The digests of one context.
#[derive(Debug)]
pub(super) struct Hashes {
    /// Where they are remembered. `None` when there is no place for them.
    path: Option<PathBuf>,
    known: HashMap<String, (Stamp, String)>,
    /// Those of this build; what it did not meet is forgotten.
    met: Vec<(String, Stamp, String)>,
}

impl Hashes {
    /// Reads the digests of a context, of which there are none at first.
    pub(super) fn open(context_dir: &Path, ignore_path: Option<&Path>) -> Self {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
        Self::open_in(cache_dir(&variable), context_dir, ignore_path)
    }

    fn open_in(cache_dir: Option<PathBuf>, context_dir: &Path, ignore_path: Option<&Path>) -> Self {
        // Two ignore files offer different files of the same folder.
        let context = [Some(context_dir), ignore_path];
        let paths = context.map(|path| path.map(|path| path.display().to_string()));
        let name = sha256_hex(paths.map(Option::unwrap_or_default).join("\0").as_bytes());
        let path = cache_dir.map(|dir| dir.join(name.trim_start_matches("sha256:")));
        let read = path
            .as_ref()
            .and_then(|path| fs_err::read_to_string(path).ok());
        Self {
            known: read.as_deref().and_then(parse).unwrap_or_default(),
            path,
            met: Vec::new(),
        }
    }

    /// The digest of a file as it was, if it is as it was.
    pub(super) fn digest(&mut self, path: &str, stamp: Stamp) -> Option<String> {
        let (known, digest) = self.known.get(path)?;
        if *known != stamp {
            return None;
        }
        let digest = digest.clone();
        self.met.push((path.to_owned(), stamp, digest.clone()));
        Some(digest)
    }

    /// Remembers the digest of a file whose stamp was the same before and after it was read, unless
    /// it changed so shortly before `read_at` that another change would not show.
    pub(super) fn remember(&mut self, path: &str, stamp: Stamp, digest: &str, read_at: SystemTime) {
        let since_1970 = read_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ns = i128::try_from(since_1970.as_nanos()).unwrap_or_default();
        if stamp.is_settled(now_ns) {
            self.met.push((path.to_owned(), stamp, digest.to_owned()));
        }
    }

    /// Writes what was met, if that is something else than what was known.
    pub(super) fn save(self) {
        let is_known = |(path, stamp, digest): &(String, Stamp, String)| {
            let known = self.known.get(path);
            known.is_some_and(|known| known.0 == *stamp && known.1 == *digest)
        };
        if self.met.len() == self.known.len() && self.met.iter().all(is_known) {
            return;
        }
        if let Some(path) = &self.path {
            // Without it the next build reads the files again.
            let _ = write(path, &text(&self.met));
        }
    }
}

/// The folder of the digests. Source: <https://specifications.freedesktop.org/basedir-spec/latest/>
fn cache_dir(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let own = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Some(own?.join("build-orchestrator/hashes"))
}

/// Puts a whole file in place, so that builds at the same time see this one, another, or none.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let dir = path.parent().unwrap_or(path);
    fs_err::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// Entries end in NUL, which no path holds.
fn text(met: &[(String, Stamp, String)]) -> String {
    let entry = |(path, stamp, digest): &(String, Stamp, String)| {
        let Stamp {
            dev,
            inode,
            size_bytes,
            modified_ns,
            changed_ns,
        } = stamp;
        format!("{digest} {dev} {inode} {size_bytes} {modified_ns} {changed_ns} {path}\0")
    };
    let body: String = met.iter().map(entry).collect();
    format!("{HEADER}{}\n{body}", sha256_hex(body.as_bytes()))
}

/// `None` when the text is not whole: a wrong digest would be worse than none.
fn parse(text: &str) -> Option<HashMap<String, (Stamp, String)>> {
    let (digest, body) = text.strip_prefix(HEADER)?.split_once('\n')?;
    if digest != sha256_hex(body.as_bytes()) {
        return None;
    }
    body.split_terminator('\0').map(entry).collect()
}

fn entry(text: &str) -> Option<(String, (Stamp, String))> {
    let mut parts = text.splitn(7, ' ');
    let digest = parts.next()?.to_owned();
    let stamp = Stamp {
        dev: parts.next()?.parse().ok()?,
        inode: parts.next()?.parse().ok()?,
        size_bytes: parts.next()?.parse().ok()?,
        modified_ns: parts.next()?.parse().ok()?,
        changed_ns: parts.next()?.parse().ok()?,
    };
    Some((parts.next()?.to_owned(), (stamp, digest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const STAMP: Stamp = Stamp {
        dev: 1,
        inode: 2,
        size_bytes: 3,
        modified_ns: 4_000_000_000,
        changed_ns: 5_000_000_000,
    };

    fn open(dir: &tempfile::TempDir) -> Hashes {
        let cache_dir = dir.path().join("new/folder");
        Hashes::open_in(Some(cache_dir), Path::new("/context"), None)
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_digest_holds_while_the_stamp_does_and_is_forgotten_with_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = open(&dir);
        assert_eq!(first.digest("a\n b", STAMP), None);
        first.remember("a\n b", STAMP, "sha256:a", at(8));
        first.remember("gone", STAMP, "sha256:g", at(8));
        first.save();

        let mut second = open(&dir);
        assert_eq!(second.digest("a\n b", STAMP).as_deref(), Some("sha256:a"));
        let changed = [
            Stamp { dev: 9, ..STAMP },
            Stamp { inode: 9, ..STAMP },
            Stamp {
                size_bytes: 9,
                ..STAMP
            },
            Stamp {
                modified_ns: 9,
                ..STAMP
            },
            Stamp {
                changed_ns: 9,
                ..STAMP
            },
        ];
        for stamp in changed {
            assert_eq!(second.digest("a\n b", stamp), None);
        }
        second.save();
        assert_eq!(open(&dir).known.len(), 1);
    }

    #[test]
    fn a_file_that_just_changed_is_not_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let mut hashes = open(&dir);
        // Its times say 5 s, and the clock before that or up to 2 s later.
        for seconds in [1, 5, 7] {
            hashes.remember("a", STAMP, "sha256:a", at(seconds));
        }
        assert_eq!(hashes.met, []);
    }

    #[test]
    fn a_damaged_file_counts_as_none_and_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let mut hashes = open(&dir);
        let path = hashes.path.clone().unwrap();
        hashes.remember("a", STAMP, "sha256:a", at(8));
        hashes.save();
        let whole = fs_err::read_to_string(&path).unwrap();
        for damaged in [&whole.replace("sha256:a ", "sha256:b "), &whole[..30], ""] {
            fs_err::write(&path, damaged).unwrap();
            let mut hashes = open(&dir);
            assert_eq!(hashes.digest("a", STAMP), None);
            hashes.remember("a", STAMP, "sha256:a", at(8));
            hashes.save();
            assert_eq!(fs_err::read_to_string(&path).unwrap(), whole);
        }
    }

    #[test]
    fn without_a_place_to_write_nothing_is_remembered_and_nothing_fails() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs_err::write(&file, "").unwrap();
        for cache_dir in [None, Some(file)] {
            let mut hashes = Hashes::open_in(cache_dir, Path::new("/context"), None);
            hashes.remember("a", STAMP, "sha256:a", at(8));
            hashes.save();
        }
    }

    #[test]
    fn the_cache_folder_is_that_of_the_user() {
        let dir = |set: &[(&str, &str)]| {
            let found = cache_dir(&|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| PathBuf::from(value))
            });
            found.map(|path| path.display().to_string())
        };
        assert_eq!(dir(&[]), None);
        let home = ("HOME", "/h");
        let below_home = Some("/h/.cache/build-orchestrator/hashes".to_owned());
        assert_eq!(dir(&[home]), below_home);
        assert_eq!(dir(&[home, ("XDG_CACHE_HOME", "relative")]), below_home);
        let own = Some("/x/build-orchestrator/hashes".to_owned());
        assert_eq!(dir(&[home, ("XDG_CACHE_HOME", "/x")]), own);
    }

    proptest! {
        #[test]
        fn any_text_is_digests_or_none(body in "\\PC*") {
            let _ = parse(&body);
            let _ = parse(&format!("{HEADER}{}\n{body}", sha256_hex(body.as_bytes())));
        }
    }
}
