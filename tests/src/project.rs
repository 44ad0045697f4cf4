//! Small projects that tests make up, with a busybox to run.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

use crate::tool::{Tool, workspace_dir};

/// A folder of files under a name that no other run has, and the images that its builds tag.
pub struct Made {
    folder: TempDir,
    name: String,
}

impl Made {
    /// Makes a folder with files, by path and content. In contents, `NAME` is the project's name,
    /// which no other run has.
    pub fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let now_ns = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_ns = now_ns.expect("it is later than 1970").as_nanos();
        let made = Self {
            folder: tempfile::tempdir().expect("there is room for a project"),
            name: format!("lucid-test-{name}-{now_ns}"),
        };
        for (path, content) in files {
            made.write(path, content);
        }
        let busybox = workspace_dir().join("examples/glossary/rootfs/bin/busybox");
        fs_err::copy(busybox, made.path("busybox")).expect("scripts/rootfs.sh has run");
        made
    }

    /// The project's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path of one of its files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes one of its files.
    pub fn write(&self, file: &str, content: &str) {
        let path = self.path(file);
        let dir = path.parent().expect("a file is in a folder");
        fs_err::create_dir_all(dir).expect("the folder can be written");
        fs_err::write(path, content.replace("NAME", &self.name)).expect("the file can be written");
    }

    /// A tool that works in the folder.
    pub fn tool(&self, args: &str) -> Tool {
        Tool::new("build-orchestrator")
            .args(args)
            .current_dir(self.dir())
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let docker = |args: &[&str]| std::process::Command::new("docker").args(args).output();
        let filter = format!("reference={}*", self.name);
        let listed = docker(&["image", "ls", "--quiet", "--filter", &filter]);
        let listed = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        for id in listed.unwrap_or_default().split_whitespace() {
            // Another name may have taken it along already.
            let _ = docker(&["rmi", "--force", id]);
        }
    }
}

/// The target of a report.
#[track_caller]
pub fn target<'a>(report: &'a Value, name: &str) -> &'a Value {
    let targets = report["data"]["targets"]
        .as_array()
        .expect("a build report");
    let mut named = targets.iter();
    named
        .find(|target| target["plan"]["name"] == name)
        .expect("the target is in the report")
}
