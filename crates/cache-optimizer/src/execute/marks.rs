//! Changes files of a copied context, harmlessly and back again: each gets a mark at its end that no
//! build has seen before, a comment where the kind of file has one, else blanks.

use fs_err as fs;
use std::fs::{FileTimes, Permissions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file as it was before it was marked.
#[derive(Debug)]
pub(crate) struct Marked {
    path: PathBuf,
    content: Vec<u8>,
    permissions: Permissions,
    modified: SystemTime,
}

/// The text files at or below paths of a context, sorted, as paths within it.
///
/// # Errors
///
/// A folder or a file cannot be read.
pub(crate) fn markable(context_dir: &Path, paths: &[String]) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = paths.to_vec();
    while let Some(path) = open.pop() {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let full = context_dir.join(path);
        let Ok(metadata) = fs::symlink_metadata(&full) else {
            continue;
        };
        if metadata.is_dir() {
            for entry in fs::read_dir(&full)? {
                let name = entry?.file_name();
                open.push(format!("{path}/{}", name.to_string_lossy()));
            }
        } else if metadata.is_file() && is_text(&fs::read(&full)?) {
            found.push(path.to_owned());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn is_text(content: &[u8]) -> bool {
    !content
        .iter()
        .take(TEXT_SAMPLE_BYTES)
        .any(|&byte| byte == 0)
}

/// Marks the files at paths of a context.
///
/// # Errors
///
/// One cannot be read or written; those before it stay marked.
pub(crate) fn mark(context_dir: &Path, paths: &[String], serial: u64) -> io::Result<Vec<Marked>> {
    let marked = paths
        .iter()
        .map(|path| mark_file(&context_dir.join(path), serial));
    marked.collect()
}

fn mark_file(path: &Path, serial: u64) -> io::Result<Marked> {
    let metadata = fs::symlink_metadata(path)?;
    let marked = Marked {
        path: path.to_owned(),
        permissions: metadata.permissions(),
        modified: metadata.modified()?,
        content: fs::read(path)?,
    };
    let mut after = marked.content.clone();
    if after.last().is_some_and(|&byte| byte != b'\n') {
        after.push(b'\n');
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    after.extend(text(&name, serial).bytes());
    marked.write(&after)?;
    Ok(marked)
}

impl Marked {
    /// Puts the file back as it was, its time of last change too.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub(crate) fn restore(self) -> io::Result<()> {
        self.write(&self.content)?;
        let (file, _) = fs::File::open(&self.path)?.into_parts();
        file.set_times(FileTimes::new().set_modified(self.modified))
    }

    /// A new file in the place of the old one, which may be read-only.
    fn write(&self, content: &[u8]) -> io::Result<()> {
        fs::remove_file(&self.path)?;
        fs::write(&self.path, content)?;
        fs::set_permissions(&self.path, self.permissions.clone())
    }
}

/// How many bytes are looked at to tell text from other files. Source: `buffer_is_binary` of Git.
const TEXT_SAMPLE_BYTES: usize = 8000;

/// A line of its own that means nothing in a file of this name.
fn text(name: &str, serial: u64) -> String {
    let note = format!("cache-optimizer verify {serial:016x}");
    match comment(name) {
        Some((open, close)) => format!("{open} {note}{close}\n"),
        None => blanks(serial),
    }
}

/// The number as blanks, one for each bit, which formats without comments skip too.
fn blanks(serial: u64) -> String {
    let bits = (0..u64::BITS).map(|bit| serial >> bit & 1);
    let mut blanks: String = bits.map(|bit| if bit == 0 { ' ' } else { '\n' }).collect();
    blanks.push('\n');
    blanks
}

/// How a comment begins and ends in a file of this name. `None` when there is none that is sure.
fn comment(name: &str) -> Option<(&'static str, &'static str)> {
    let (_, ending) = name.rsplit_once('.').unwrap_or(("", name));
    match ending {
        "py" | "rb" | "sh" | "bash" | "pl" | "toml" | "yml" | "yaml" | "r" | "ex" | "exs"
        | "tf" | "nix" | "cmake" | "properties" | "Makefile" | "Gemfile" | "Rakefile"
        | "Procfile" => Some(("#", "")),
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "c" | "h" | "cc" | "cpp"
        | "hpp" | "cs" | "fs" | "java" | "kt" | "kts" | "scala" | "go" | "rs" | "swift"
        | "dart" | "gradle" | "groovy" | "proto" | "scss" | "less" | "zig" | "mod" => {
            Some(("//", ""))
        }
        "css" => Some(("/*", " */")),
        "sql" | "lua" | "hs" | "elm" => Some(("--", "")),
        "html" | "htm" | "xml" | "svg" | "vue" | "svelte" | "md" | "csproj" | "fsproj" => {
            Some(("<!--", " -->"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn marked(name: &str, content: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        mark(dir.path(), &[name.to_owned()], 0x2a).unwrap();
        fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn a_mark_is_a_comment_of_the_kind_of_file() {
        let mark = "cache-optimizer verify 000000000000002a";
        for (name, expected) in [
            ("a.py", format!("x\n# {mark}\n")),
            ("a.rs", format!("x\n// {mark}\n")),
            ("Makefile", format!("x\n# {mark}\n")),
            ("a.css", format!("x\n/* {mark} */\n")),
        ] {
            assert_eq!(marked(name, "x"), expected, "{name}");
        }
    }

    #[test]
    fn a_file_without_comments_gets_blanks() {
        let after = marked("package.json", "{}\n");
        assert_eq!(after.len(), 3 + 65);
        assert_eq!(after.trim_end(), "{}");
        assert_ne!(blanks(1), blanks(2));
        assert_eq!(marked("empty.txt", "").len(), 65);
    }

    #[test]
    fn folders_stand_for_the_text_files_in_them() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("src/deep")).unwrap();
        for (path, content) in [
            ("src/b.c", "b"),
            ("src/deep/a.c", "a"),
            ("src/logo.png", "\0"),
        ] {
            fs::write(dir.path().join(path), content).unwrap();
        }
        std::os::unix::fs::symlink("b.c", dir.path().join("src/link")).unwrap();
        let of = |paths: &[&str]| {
            let paths: Vec<_> = paths.iter().map(|&path| path.to_owned()).collect();
            markable(dir.path(), &paths).unwrap()
        };
        assert_eq!(of(&["./src/"]), ["src/b.c", "src/deep/a.c"]);
        assert_eq!(of(&["src/b.c", "src"]), ["src/b.c", "src/deep/a.c"]);
        assert!(of(&["src/logo.png", "missing"]).is_empty());
    }

    #[test]
    fn a_file_is_restored_with_its_mode_and_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.sh");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o555)).unwrap();
        let before = fs::metadata(&path).unwrap();
        let mut marked = mark(dir.path(), &["a.sh".to_owned()], 1).unwrap();
        let changed = fs::metadata(&path).unwrap();
        assert_eq!(changed.permissions(), before.permissions());
        assert_ne!(changed.len(), before.len());
        marked.remove(0).restore().unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!(after.permissions(), before.permissions());
        assert_eq!(after.modified().unwrap(), before.modified().unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"x");
    }
}
