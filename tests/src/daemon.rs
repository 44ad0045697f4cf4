//! A Docker Engine of a test's own, which it may kill.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long an Engine may take to answer.
const START_MAX: Duration = Duration::from_secs(60);

/// An Engine without a network, so that it does not touch that of the machine.
pub struct Daemon {
    folder: TempDir,
    process: Child,
}

impl Daemon {
    /// Starts an Engine that knows no image, and waits until it answers.
    #[track_caller]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("there is room for an Engine");
        // The machine's own configuration names a folder for its data.
        fs_err::write(folder.path().join("daemon.json"), "{}").expect("the folder can be written");
        let process = spawn(folder.path());
        let daemon = Self { folder, process };
        daemon.wait();
        daemon
    }

    /// The value of `--host` that means this Engine.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket_path().display())
    }

    /// Ends the Engine as a crash does.
    pub fn kill(&mut self) {
        self.process.kill().expect("the Engine runs");
        self.process.wait().expect("the Engine ends");
    }

    /// Starts the Engine again, with what it has stored.
    #[track_caller]
    pub fn restart(&mut self) {
        // A crash leaves both behind; dockerd takes a file of its own process number for a rival.
        let _ = fs_err::remove_file(self.folder.path().join("pid"));
        let _ = fs_err::remove_file(self.socket_path());
        self.process = spawn(self.folder.path());
        self.wait();
    }

    fn socket_path(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    #[track_caller]
    fn wait(&self) {
        let since = Instant::now();
        while since.elapsed() < START_MAX {
            let answer = Command::new("docker")
                .args(["--host", &self.host(), "version"])
                .output()
                .expect("docker's client is installed");
            if answer.status.success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        let log = fs_err::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("the Engine does not answer:\n{log}");
    }
}

fn spawn(folder: &Path) -> Child {
    let log = fs_err::File::create(folder.join("log")).expect("the folder can be written");
    let driver = crate::docker::docker(&["info", "--format", "{{.Driver}}"]);
    Command::new("dockerd")
        .args([
            "--bridge=none",
            "--iptables=false",
            "--storage-driver",
            &driver,
        ])
        .arg("--config-file")
        .arg(folder.join("daemon.json"))
        .arg("--data-root")
        .arg(folder.join("data"))
        .arg("--exec-root")
        .arg(folder.join("exec"))
        .arg("--pidfile")
        .arg(folder.join("pid"))
        .arg("--host")
        .arg(format!("unix://{}", folder.join("socket").display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.into_file())
        .spawn()
        .expect("dockerd is installed, and this is root")
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // dockerd ends what it has started when it is asked to end.
        let _ = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(15) {
            if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.process.kill();
        // What a crash left mounted would keep the folder from being removed.
        let folder = self.folder.path().display().to_string();
        let mounts = fs_err::read_to_string("/proc/mounts").unwrap_or_default();
        for mount in mounts.lines().rev() {
            if let Some(path) = mount
                .split(' ')
                .nth(1)
                .filter(|path| path.starts_with(&folder))
            {
                let _ = Command::new("umount").args(["--lazy", path]).status();
            }
        }
    }
}
