//! One run of one of our binaries.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The tools, by the names that users type.
pub const TOOLS: [&str; 4] = [
    "build-orchestrator",
    "layer-analyzer",
    "cache-optimizer",
    "test-aggregator",
];

/// The workspace's folder.
pub fn workspace_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is in the workspace")
        .to_owned()
}

/// A run that is being prepared. The environment is empty but for what is needed to find programs
/// and the Engine, and there is nothing on standard input.
#[must_use]
pub struct Tool {
    command: Command,
    stdin: Vec<u8>,
}

/// A run that has ended.
#[derive(Debug)]
#[must_use = "look at the output, or assert the exit code"]
pub struct Finished {
    /// The exit code; `None` after a signal.
    pub exit: Option<i32>,
    /// All of standard output.
    pub stdout: String,
    /// All of standard error.
    pub stderr: String,
}

impl Tool {
    /// Prepares a run of the tool named, in the workspace's folder.
    pub fn new(name: &str) -> Self {
        let mut command = Command::new(binary_path(name));
        command.env_clear().current_dir(workspace_dir());
        for name in ["PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Self {
            command,
            stdin: Vec::new(),
        }
    }

    /// Adds arguments, which are split at blanks.
    pub fn args(mut self, line: &str) -> Self {
        self.command.args(line.split_whitespace());
        self
    }

    /// Adds one argument as it is.
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs in another folder.
    pub fn current_dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Pipes a text into standard input.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Starts the run with its streams piped, for tests that interrupt it or leave early.
    pub fn spawn(mut self) -> Child {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary of a tool starts")
    }

    /// Runs to the end.
    pub fn run(mut self) -> Finished {
        let stdin = if self.stdin.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        };
        let mut child = self
            .command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary of a tool starts");
        let writer = child.stdin.take().map(|mut pipe| {
            let text = self.stdin;
            std::thread::spawn(move || match pipe.write_all(&text) {
                // A tool may leave without reading all, such as after a usage error.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => panic!("{error}"),
                _ => {}
            })
        });
        let output = child.wait_with_output().expect("a run ends");
        if let Some(writer) = writer {
            writer.join().expect("standard input is written");
        }
        output.into()
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("tools write UTF-8");
        Self {
            exit: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Finished {
    /// Asserts the exit code and gives standard output; shows both streams when it is another.
    #[track_caller]
    pub fn expect_exit(self, exit: i32) -> String {
        assert_eq!(
            self.exit,
            Some(exit),
            "\n-- standard output\n{}\n-- standard error\n{}",
            self.stdout,
            self.stderr
        );
        self.stdout
    }
}

/// The binary of the tool named. Cargo puts this package's binaries beside the folder of its test
/// programs.
pub fn binary_path(name: &str) -> PathBuf {
    let test_program = std::env::current_exe().expect("a process knows its program");
    let folder = test_program
        .parent()
        .and_then(Path::parent)
        .expect("target/PROFILE/deps/PROGRAM");
    folder.join(format!("test-{name}"))
}
