//! An image of the Engine: its configuration, and of its files what checks need.

use std::collections::BTreeMap;

/// An image as its configuration describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BuiltImage {
    /// What the Engine's API gives as `Id`.
    pub(crate) id: String,
    /// Its names, sorted.
    pub(crate) tags: Vec<String>,
    /// Uncompressed bytes of all layers.
    pub(crate) size_bytes: u64,
    /// The operating system, such as `linux`.
    pub(crate) os: String,
    /// The architecture as Go calls it, such as `amd64`.
    pub(crate) architecture: String,
    /// What it runs as. Empty means root.
    pub(crate) user: String,
    /// The environment, as `NAME=VALUE`.
    pub(crate) env: Vec<String>,
    /// The folder that it starts in. Empty means `/`.
    pub(crate) working_dir: String,
    /// The entrypoint followed by the command. Empty when it has neither.
    pub(crate) command: Vec<String>,
    /// Whether it declares a health check.
    pub(crate) has_health_check: bool,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// The ports that it exposes, such as `8080/tcp`, sorted.
    pub(crate) ports: Vec<String>,
}

impl BuiltImage {
    /// The value of a variable of its environment.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        let mut pairs = self
            .env
            .iter()
            .rev()
            .filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        Some(value)
    }
}

/// The files of an image, by their paths without a leading `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImageFiles {
    /// Every file, folder and link.
    pub(crate) entries: BTreeMap<String, ImageFile>,
    /// The content of `/etc/passwd`. `None` when there is none.
    pub(crate) passwd: Option<String>,
}

/// One file of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageFile {
    /// What it is.
    pub(crate) kind: FileKind,
    /// The permission bits with setuid, setgid and sticky.
    pub(crate) mode: u32,
}

/// What a file of an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A regular file, and what it would run as.
    File(Program),
    /// A folder.
    Directory,
    /// A symbolic link, and where it leads.
    Link(String),
    /// A device, pipe or socket.
    Other,
}

/// What a file is to the kernel that is told to run it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// A native program.
    Elf {
        /// The processor that it is for, as the ELF header numbers it.
        machine: u16,
        /// The loader of its shared libraries. `None` when it needs none.
        interpreter: Option<String>,
    },
    /// A text that starts with `#!` and the path of what runs it.
    Script(String),
    /// Nothing that the kernel runs.
    Unknown,
}

/// How many links a path may lead through.
///
/// Source: `MAXSYMLINKS` in include/linux/namei.h of Linux.
const LINKS_MAX: usize = 40;

impl ImageFiles {
    /// The file that a path leads to, through all links, and its path. `None` when there is none.
    pub(crate) fn resolve(&self, path: &str) -> Option<(String, &ImageFile)> {
        let mut open: Vec<String> = parts(path).rev().collect();
        let mut done: Vec<String> = Vec::new();
        let mut link_count = 0;
        while let Some(part) = open.pop() {
            if part == ".." {
                done.pop();
                continue;
            }
            done.push(part);
            let Some(file) = self.entries.get(&done.join("/")) else {
                // A folder may be implied by what is in it.
                continue;
            };
            if let FileKind::Link(target) = &file.kind {
                link_count += 1;
                if link_count > LINKS_MAX {
                    return None;
                }
                done.pop();
                if target.starts_with('/') {
                    done.clear();
                }
                open.extend(parts(target).rev());
            }
        }
        let path = done.join("/");
        let file = self.entries.get(&path)?;
        Some((path, file))
    }
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = String> {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.map(str::to_owned)
}

/// How a container of an image started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Started {
    /// What became of it.
    pub(crate) state: StartState,
    /// How long it took until that was known.
    pub(crate) duration_ms: u64,
    /// The last lines that it printed. Kept when it did not end or go on well.
    pub(crate) log_tail: Vec<String>,
}

/// What became of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StartState {
    /// Its health check passed.
    Healthy,
    /// Its health check did not pass in time.
    Unhealthy,
    /// It kept running.
    Running,
    /// Its process ended with this exit code.
    Exited(i64),
    /// The Engine could not start it, for the reason that it gives.
    Refused(String),
}

/// All that is known of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Examined {
    /// Its configuration.
    pub(crate) image: BuiltImage,
    /// Its files.
    pub(crate) files: ImageFiles,
    /// How it started. `None` when it was not started.
    pub(crate) start: Option<Started>,
}

#[cfg(test)]
impl ImageFiles {
    /// Files that tests check, each of a path and what it is; mode 0755.
    pub(crate) fn sample(files: &[(&str, FileKind)]) -> Self {
        let entry = |(path, kind): &(&str, FileKind)| {
            let (kind, mode) = (kind.clone(), 0o755);
            ((*path).to_owned(), ImageFile { kind, mode })
        };
        Self {
            entries: files.iter().map(entry).collect(),
            passwd: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(to: &str) -> FileKind {
        FileKind::Link(to.to_owned())
    }

    #[test]
    fn a_path_leads_through_links_of_folders_and_files() {
        let files = ImageFiles::sample(&[
            ("bin", link("usr/bin")),
            ("usr/bin/sh", link("../../opt/./dash")),
            ("opt/dash", link("/usr/bin/dash")),
            ("usr/bin/dash", FileKind::File(Program::Unknown)),
        ]);
        assert_eq!(files.resolve("/bin/sh").unwrap().0, "usr/bin/dash");
        assert!(files.resolve("/bin/bash").is_none());
    }

    #[test]
    fn links_in_a_circle_lead_nowhere() {
        let files = ImageFiles::sample(&[("a", link("b")), ("b", link("a"))]);
        assert!(files.resolve("/a").is_none());
    }
}
