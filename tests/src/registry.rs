//! A registry of Debian's package `docker-registry` on loopback, and a way to it that breaks off.

use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// Prepares a registry at a port of its own that wants a login, without starting it.
    pub fn stopped() -> Self {
        Self::prepared(true)
    }

    fn prepared(has_login: bool) -> Self {
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
        let auth = if has_login {
            format!("auth: {{htpasswd: {{realm: test, path: {dir}/users}}}}\n")
        } else {
            String::new()
        };
        let config = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {dir}/data}}}}\n\
             http: {{addr: {host}}}\n{auth}"
        );
        fs_err::write(folder.path().join("config.yml"), config).expect("the folder is ours");
        Self {
            host,
            folder,
            server: None,
        }
    }

    /// Starts a registry that wants a login.
    pub fn started() -> Self {
        let mut registry = Self::stopped();
        registry.start();
        registry
    }

    /// Starts a registry that lets anybody in.
    pub fn open() -> Self {
        let mut registry = Self::prepared(false);
        registry.start();
        registry
    }

    /// Starts it and waits until it answers.
    pub fn start(&mut self) {
        let log = fs_err::File::create(self.log_path()).expect("the folder is ours");
        let log = log.into_parts().0;
        let server = Command::new("docker-registry")
            .arg("serve")
            .arg(self.folder.path().join("config.yml"))
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is installed: run scripts/engine.sh");
        self.server = Some(server);
        for _ in 0..100 {
            if TcpStream::connect(&self.host).is_ok() {
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
            // It reads what it is asked, or whoever asks could find the pipe closed.
            format!("#!/bin/sh\nread -r host\necho 'broken with {secret}' >&2\nexit 1\n")
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

    /// The manifest of an image, byte by byte. For a registry that lets anybody in.
    pub fn manifest(&self, repository: &str, tag: &str) -> Vec<u8> {
        let docker = "Accept: application/vnd.docker.distribution.manifest.v2+json";
        let url = format!("http://{}/v2/{repository}/manifests/{tag}", self.host);
        curl(&["--header", docker, &url])
    }

    /// Makes the blobs that a manifest names known to another repository, as a push does.
    pub fn mount(&self, from: &str, to: &str, manifest: &str) {
        for (at, _) in manifest.match_indices("sha256:") {
            let digest = &manifest[at..at + "sha256:".len() + 64];
            let uploads = format!("http://{}/v2/{to}/blobs/uploads/", self.host);
            let url = format!("{uploads}?mount={digest}&from={from}");
            curl(&["--request", "POST", "--data", "", &url]);
        }
    }

    /// Gives a name to a manifest or index. For a registry that lets anybody in.
    pub fn put_manifest(&self, repository: &str, tag: &str, media_type: &str, manifest: &str) {
        let content_type = format!("Content-Type: {media_type}");
        let url = format!("http://{}/v2/{repository}/manifests/{tag}", self.host);
        curl(&[
            "--request",
            "PUT",
            "--header",
            &content_type,
            "--data-binary",
            manifest,
            &url,
        ]);
    }

    /// The paths that were asked for with GET since it was started, in order.
    pub fn requests(&self) -> Vec<String> {
        let log = fs_err::read_to_string(self.log_path()).expect("it was started");
        let paths = log.lines().filter_map(|line| {
            let (_, request) = line.split_once("\"GET ")?;
            request.split(' ').next().map(str::to_owned)
        });
        paths.collect()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The file with a blob.
    pub fn blob_path(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        let blobs = "data/docker/registry/v2/blobs/sha256";
        let folder = self.folder.path().join(blobs);
        folder.join(&hex[..2]).join(hex).join("data")
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

fn curl(args: &[&str]) -> Vec<u8> {
    let answer = Command::new("curl")
        .args(["--silent", "--show-error", "--fail"])
        .args(args)
        .output()
        .expect("curl is installed");
    let errors = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{errors}");
    answer.stdout
}

/// A way to a server that breaks off: the first `cut_count` connections over which more than
/// `byte_count` bytes come back end there. Gives its own host with port.
pub fn breaking_way(host: &str, byte_count: usize, cut_count: usize) -> String {
    let door = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let own_host = door.local_addr().expect("a bound port").to_string();
    let host = host.to_owned();
    let cuts = Arc::new(AtomicUsize::new(cut_count));
    std::thread::spawn(move || {
        for client in door.incoming().flatten() {
            let server = TcpStream::connect(&host).expect("the server listens");
            let (mut from_client, mut to_server) = (clone(&client), clone(&server));
            std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
            let cuts = Arc::clone(&cuts);
            std::thread::spawn(move || pass_back(server, client, byte_count, &cuts));
        }
    });
    own_host
}

fn pass_back(mut server: TcpStream, mut client: TcpStream, byte_count: usize, cuts: &AtomicUsize) {
    let mut buffer = [0; 4096];
    let mut passed = 0;
    while let Ok(count @ 1..) = server.read(&mut buffer) {
        passed += count;
        let is_cut = passed > byte_count
            && cuts
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_ok();
        if is_cut || client.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // Either side may have gone already.
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

fn clone(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a handle is to be had")
}
