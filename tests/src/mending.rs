//! A project whose Dockerfile is mended for real: built before and after, with stand-ins for the
//! programs that it runs, because no image can be pulled.

use serde_json::Value;
use std::process::Command;

use crate::docker::docker;
use crate::project::Made;
use crate::report::parse_lines;
use crate::tool::{Finished, Tool};

/// A project with a base image of its own: busybox, and programs that tests write in shell.
pub struct Mending {
    made: Made,
}

impl Mending {
    /// Makes a project. `programs` are names and shell scripts in the base image, which a Dockerfile
    /// names `NAME-base`: in contents, `NAME` is the project's name, which no other run has.
    pub fn new(name: &str, programs: &[(&str, &str)], files: &[(&str, &str)]) -> Self {
        let made = Made::new(name, files);
        import_base(&made, programs);
        // It is the harness's, not a part of the project.
        fs_err::remove_file(made.path("busybox")).expect("the folder can be written");
        Self { made }
    }

    /// The project, whose files can be written.
    pub fn project(&self) -> &Made {
        &self.made
    }

    /// The name of the image that a build with this tag makes.
    pub fn image(&self, tag: &str) -> String {
        format!("{}:{tag}", self.made.name())
    }

    /// Builds the project's Dockerfile, and gives the build report.
    #[track_caller]
    pub fn build(&self, tag: &str) -> Value {
        let compose = format!(
            "services:\n  app:\n    build: .\n    image: {}\n",
            self.image(tag)
        );
        // Beside the context, so that it is no file of the project.
        let file = tempfile::NamedTempFile::with_suffix(".yml").expect("there is room");
        let compose = compose.replace("build: .", &format!("build: {}", self.made.dir().display()));
        fs_err::write(file.path(), compose).expect("a compose file can be written");
        let built = self.made.tool("build --only --file").arg(file.path()).run();
        parse_lines(&built.expect_exit(0)).remove(0)
    }

    /// Runs `cache-optimizer` with arguments in the project's folder.
    pub fn optimize(&self, args: &str) -> Finished {
        let tool = Tool::new("cache-optimizer").args(args);
        tool.current_dir(self.made.dir()).run()
    }

    /// Mends the Dockerfile by one rule, at any confidence, and gives its text.
    #[track_caller]
    pub fn mend(&self, rule: &str) -> String {
        let before = self.dockerfile();
        let args = format!("fix --write --confidence possible --rule {rule} Dockerfile");
        let _ = self.optimize(&args).expect_exit(0);
        let after = self.dockerfile();
        assert_ne!(before, after, "{rule} has a patch for it");
        after
    }

    fn dockerfile(&self) -> String {
        fs_err::read_to_string(self.made.path("Dockerfile")).expect("there is a Dockerfile")
    }

    /// Asserts that two images hold the same files, times left out of account, and settings.
    #[track_caller]
    pub fn assert_same_image(&self, before: &str, after: &str) {
        let images = format!("{} {}", self.image(before), self.image(after));
        let compared = Tool::new("layer-analyzer")
            .args("diff --only")
            .args(&images);
        let report = parse_lines(&compared.run().expect_exit(0)).remove(0);
        let verdict = &report["data"]["reproducibility"]["verdict"];
        assert!(
            verdict == "equivalent" || verdict == "identical",
            "{verdict}: {:#}",
            report["data"]["paths"]
        );
    }

    /// Proves a fault and its mending: after `edit` of a file, the step with this text runs again;
    /// once the rule has mended the Dockerfile, the image is the same, and the step is cached after
    /// the same edit. `edit` is a path and its new content, of another length than the old one.
    #[track_caller]
    pub fn assert_mended(&self, rule: &str, edit: (&str, &str), step: &str) {
        let path = self.made.path(edit.0);
        let original = fs_err::read_to_string(&path).expect("the file to edit is there");
        assert_ne!(original.len(), edit.1.len(), "size or time must change");
        self.build("before");
        self.made.write(edit.0, edit.1);
        let edited = self.build("edited");
        assert!(
            ran(&edited, step),
            "`{step}` runs after the edit: {:?}",
            steps(&edited)
        );
        self.made.write(edit.0, &original);
        self.mend(rule);
        self.build("after");
        self.assert_same_image("before", "after");
        self.made.write(edit.0, edit.1);
        let mended = self.build("mended");
        assert!(
            !ran(&mended, step),
            "`{step}` is cached: {:?}",
            steps(&mended)
        );
    }
}

impl Drop for Mending {
    fn drop(&mut self) {
        let _ = Command::new("docker")
            .args(["rmi", "--force", &format!("{}-base", self.made.name())])
            .output();
    }
}

/// The steps of a report: their texts, and whether each came from the cache.
pub fn steps(report: &Value) -> Vec<(String, Option<bool>)> {
    let targets = report["data"]["targets"]
        .as_array()
        .expect("a build report");
    let steps = targets
        .iter()
        .filter_map(|target| target["steps"].as_array());
    let instructions = steps.flatten().filter(|step| step["kind"] == "instruction");
    instructions
        .map(|step| {
            let name = step["name"].as_str().expect("a step has a name");
            (name.to_owned(), step["cached"].as_bool())
        })
        .collect()
}

/// Whether the one step whose text contains `text` ran.
#[track_caller]
pub fn ran(report: &Value, text: &str) -> bool {
    let steps = steps(report);
    let found: Vec<_> = steps
        .iter()
        .filter(|(name, _)| name.contains(text))
        .collect();
    match found[..] {
        [(_, cached)] => *cached == Some(false),
        _ => panic!("`{text}` is one step of {steps:?}"),
    }
}

/// Imports the base image: no build, and nothing to wait for.
fn import_base(made: &Made, programs: &[(&str, &str)]) {
    let root = tempfile::tempdir().expect("there is room for a root");
    for folder in ["bin", "tmp", "etc", "root", "usr/bin"] {
        fs_err::create_dir_all(root.path().join(folder)).expect("the root can be written");
    }
    fs_err::copy(made.path("busybox"), root.path().join("bin/busybox")).expect("busybox is there");
    for link in BUSYBOX_PROGRAMS {
        let link = root.path().join("bin").join(link);
        std::os::unix::fs::symlink("busybox", link).expect("the root can be written");
    }
    let passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n";
    fs_err::write(root.path().join("etc/passwd"), passwd).expect("the root can be written");
    fs_err::write(root.path().join("etc/group"), "root:x:0:\napp:x:1000:\n")
        .expect("the root can be written");
    // Makes the image, and with it all layers above it, this project's own.
    fs_err::write(root.path().join("etc/project"), made.name()).expect("the root can be written");
    for (name, script) in programs {
        let path = root.path().join("usr/bin").join(name);
        fs_err::write(&path, format!("#!/bin/sh\nset -e\n{script}\n")).expect("a program");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(&path, executable).expect("a program");
    }
    let archive = tempfile::NamedTempFile::new().expect("there is room for an archive");
    let status = Command::new("tar")
        .args(["--create", "--owner=0", "--group=0", "--file"])
        .arg(archive.path())
        .arg("--directory")
        .arg(root.path())
        .arg(".")
        .status()
        .expect("tar is installed");
    assert!(status.success(), "the root is packed");
    let archive = archive.path().display().to_string();
    docker(&["import", &archive, &format!("{}-base", made.name())]);
}

/// What stand-ins and Dockerfiles may call.
const BUSYBOX_PROGRAMS: [&str; 27] = [
    "sh",
    "cat",
    "cp",
    "mv",
    "rm",
    "mkdir",
    "ls",
    "echo",
    "test",
    "[",
    "sleep",
    "touch",
    "chmod",
    "chown",
    "ln",
    "find",
    "grep",
    "sed",
    "sort",
    "sha256sum",
    "tar",
    "true",
    "false",
    "head",
    "wc",
    "env",
    "date",
];
