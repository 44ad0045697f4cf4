//! An Engine of a test's own, for what must not be done to the one that tests share.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A Docker Engine without images, caches and networks, which ends with its owner.
pub struct PrivateEngine {
    folder: TempDir,
    daemon: Child,
}

impl PrivateEngine {
    /// Starts one. That needs root, as all of Docker does.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("there is room for an Engine");
        let path = |name: &str| folder.path().join(name);
        // That of the machine names a folder already, which may then not be named again.
        fs_err::write(path("daemon.json"), "{}").expect("the folder can be written");
        let log = fs_err::File::create(path("log")).expect("the folder can be written");
        // In a network of its own: without a bridge, a daemon takes away the `docker0` that it finds,
        // which is the other Engine's. Source: `initNetworkController` in moby's
        // daemon/daemon_unix.go, seen with 20.10. With processes and mounts of its own nothing of it
        // outlives it, however it ends.
        let daemon = Command::new("unshare")
            .args(["--net", "--mount-proc", "--fork", "--kill-child", "dockerd"])
            .args(["--bridge=none", "--iptables=false", "--storage-driver=vfs"])
            .arg("--config-file")
            .arg(path("daemon.json"))
            .arg("--data-root")
            .arg(path("data"))
            .arg("--exec-root")
            .arg(path("exec"))
            .arg("--pidfile")
            .arg(path("pid"))
            .arg("--host")
            .arg(format!("unix://{}", path("docker.sock").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.into_file())
            .spawn()
            .expect("unshare is installed");
        let engine = Self { folder, daemon };
        let until = Instant::now() + Duration::from_mins(1);
        while !engine.answers() {
            let log = fs_err::read_to_string(engine.folder.path().join("log"));
            assert!(
                Instant::now() < until,
                "it starts: {}",
                log.unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(200));
        }
        engine
    }

    /// Its address, for `--host`.
    pub fn host(&self) -> String {
        format!("unix://{}/docker.sock", self.folder.path().display())
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }

    fn answers(&self) -> bool {
        let version = Command::new("docker")
            .args(["--host", &self.host(), "version"])
            .output();
        version.is_ok_and(|output| output.status.success())
    }
}

impl Drop for PrivateEngine {
    fn drop(&mut self) {
        self.kill();
    }
}
