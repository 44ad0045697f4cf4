//! A registry of Debian's package `docker-registry` on loopback, which wants a login.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The login. The password has characters whose base64 differs between the two alphabets.
const LOGIN: (&str, &str) = ("ci", "s3cret??>>~~?");

/// A registry that can be stopped and started. It keeps its images for as long as it is there.
pub struct Registry {
    /// Its host with port, as in image names.
    pub host: String,
    folder: TempDir,
    server: Option<Child>,
}

impl Registry {
    /// Prepares a registry at a port of its own, without starting it.
    pub fn stopped() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a registry");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let host = free.local_addr().expect("a bound port").to_string();
        let (user, password) = LOGIN;
        let users = Command::new("htpasswd")
            .args(["-Bbn", user, password])
            .output()
            .expect("htpasswd is installed: run scripts/engine.sh");
        fs_err::write(folder.path().join("users"), users.stdout).expect("the folder is ours");
        let dir = folder.path().display();
        let config = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {dir}/data}}}}\n\
             http: {{addr: {host}}}\nauth: {{htpasswd: {{realm: test, path: {dir}/users}}}}\n"
        );
        fs_err::write(folder.path().join("config.yml"), config).expect("the folder is ours");
        Self {
            host,
            folder,
            server: None,
        }
    }

    /// Starts a registry.
    pub fn started() -> Self {
        let mut registry = Self::stopped();
        registry.start();
        registry
    }

    /// Starts it and waits until it answers.
    pub fn start(&mut self) {
        let server = Command::new("docker-registry")
            .arg("serve")
            .arg(self.folder.path().join("config.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is installed: run scripts/engine.sh");
        self.server = Some(server);
        for _ in 0..100 {
            if std::net::TcpStream::connect(&self.host).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the registry does not answer");
    }

    /// Stops it.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // It may have ended by itself.
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Writes a docker configuration with the right password, or a wrong one, and gives its folder.
    pub fn docker_config(&self, is_right: bool) -> PathBuf {
        let dir = self.folder.path().join(format!("config-{is_right}"));
        let (username, password) = LOGIN;
        let password = if is_right { password } else { "wrong-hunter22" };
        let login = serde_json::json!({ "username": username, "password": password });
        let config = serde_json::json!({ "auths": { &self.host: login } });
        fs_err::create_dir_all(&dir).expect("the folder is ours");
        fs_err::write(dir.join("config.json"), config.to_string()).expect("the folder is ours");
        dir
    }

    /// Writes a docker configuration that asks a credential helper, and the helper beside it: one
    /// that knows the login, or one that is broken. Gives the folder of both.
    pub fn helper_config(&self, works: bool) -> PathBuf {
        let dir = self.folder.path().join(format!("helper-{works}"));
        fs_err::create_dir_all(&dir).expect("the folder is ours");
        let config = serde_json::json!({ "credHelpers": { &self.host: "lucidtest" } });
        fs_err::write(dir.join("config.json"), config.to_string()).expect("the folder is ours");
        let (username, secret) = LOGIN;
        let login = serde_json::json!({
            "ServerURL": &self.host, "Username": username, "Secret": secret,
        });
        let script = if works {
            format!("#!/bin/sh\nread -r host\necho '{login}'\n")
        } else {
            format!("#!/bin/sh\necho 'broken with {secret}' >&2\nexit 1\n")
        };
        let helper = dir.join("docker-credential-lucidtest");
        fs_err::write(&helper, script).expect("the folder is ours");
        fs_err::set_permissions(helper, Permissions::from_mode(0o755)).expect("the folder is ours");
        dir
    }

    /// The digest that the registry gives for an image, and `None` when it has none.
    pub fn digest(&self, repository: &str, tag: &str) -> Option<String> {
        let (user, password) = LOGIN;
        let url = format!("http://{}/v2/{repository}/manifests/{tag}", self.host);
        let answer = Command::new("curl")
            .args([
                "--silent",
                "--head",
                "--user",
                &format!("{user}:{password}"),
            ])
            .args([
                "--header",
                "Accept: application/vnd.docker.distribution.manifest.v2+json",
            ])
            .arg(url)
            .output()
            .expect("curl is installed");
        let answer = String::from_utf8(answer.stdout).expect("headers are text");
        let mut lines = answer.lines();
        let digest = lines.find_map(|line| line.strip_prefix("Docker-Content-Digest: "));
        digest.map(|digest| digest.trim().to_owned())
    }

    /// A folder for a project.
    pub fn project_dir(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.stop();
    }
}
