//! What the Engine itself says, asked through docker's own client.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

use crate::tool::workspace_dir;

/// Runs docker's client and gives what it printed. Fails the test when there is no Engine.
#[track_caller]
pub fn docker(args: &[&str]) -> String {
    let output = Command::new("docker")
        .args(args)
        .output()
        .expect("docker's client is installed");
    assert!(
        output.status.success(),
        "docker {} failed: {}",
        args.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .expect("docker prints UTF-8")
        .trim()
        .to_owned()
}

/// A copy of `examples/glossary` under names of its own, so that tests can run at the same time and
/// change it.
pub struct Example {
    folder: TempDir,
    version: String,
}

impl Example {
    /// Copies the example; `name` goes into the tags of its images.
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a copy");
        let source = workspace_dir().join("examples/glossary");
        assert!(
            source.join("rootfs/bin/busybox").exists(),
            "run scripts/rootfs.sh first"
        );
        let status = Command::new("cp")
            .arg("--recursive")
            .args([&source, folder.path()])
            .status()
            .expect("cp is installed");
        assert!(status.success(), "the example is copied");
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_ns = since_1970.expect("it is later than 1970").as_nanos();
        let version = format!("test-{name}-{now_ns}");
        // A file of its own in the lowest layer: no step is shared with another test's build, from
        // whose run it would otherwise be taken, even with `--no-cache`.
        let own_file = folder.path().join("glossary/rootfs/version");
        fs_err::write(own_file, &version).expect("the copy can be written");
        Self { folder, version }
    }

    /// The copy's folder.
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("glossary")
    }

    /// The value of `VERSION` that gives the images their tags.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The tag of a service's image.
    pub fn tag(&self, service: &str) -> String {
        format!("lucid/{service}:{}", self.version)
    }

    /// Replaces a text that has to be there in one of the copy's files.
    #[track_caller]
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.dir().join(file);
        let text = fs_err::read_to_string(&path).expect("the file is there");
        assert!(text.contains(from), "`{from}` is in {file}");
        fs_err::write(&path, text.replace(from, to)).expect("the copy can be written");
    }

    /// Appends a line to one of the copy's files.
    pub fn append(&self, file: &str, line: &str) {
        let path = self.dir().join(file);
        let text = fs_err::read_to_string(&path).expect("the file is there");
        fs_err::write(&path, format!("{text}{line}\n")).expect("the copy can be written");
    }

    /// The path of one of the copy's files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.dir().join(Path::new(file))
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        for service in ["glossary", "glossary-development", "glossary-test"] {
            // A test that failed early has not built them all.
            let _ = Command::new("docker")
                .args(["rmi", "--force", &self.tag(service)])
                .output();
        }
    }
}
