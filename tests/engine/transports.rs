//! Every way to reach an Engine carries a whole build and the reading of its image.

use std::os::unix::fs::PermissionsExt;
use tempfile::tempdir;
use tests::docker::Example;
use tests::proxy::Proxy;
use tests::report::parse_lines;
use tests::tool::Tool;

/// Builds the example and reads its image, both by tools that `prepare` told where the Engine is.
fn build_and_analyze(name: &str, prepare: impl Fn(Tool) -> Tool) {
    let example = Example::new(name);
    let build = Tool::new("build-orchestrator")
        .args("build glossary --file")
        .arg(example.path("compose.yml"))
        .env("VERSION", example.version());
    let built = prepare(build).run().expect_exit(0);
    let analyze = Tool::new("layer-analyzer")
        .args("analyze --only")
        .stdin(built.clone());
    let layers = prepare(analyze).run().expect_exit(0);
    let image = &parse_lines(&built)[0]["data"]["targets"][0]["image"];
    assert_eq!(
        parse_lines(&layers)[0]["data"]["images"][0]["id"],
        image["id"]
    );
}

#[test]
fn a_tcp_port_by_flag() {
    let proxy = Proxy::tcp();
    let url = format!("--host tcp://{}", proxy.address);
    build_and_analyze("tcp", |tool| tool.args(&url));
}

#[test]
fn a_tls_port_by_environment() {
    let folder = tempdir().unwrap();
    let proxy = Proxy::tls(folder.path());
    let url = format!("tcp://localhost:{}", proxy.address.port());
    build_and_analyze("tls", |tool| {
        tool.env("DOCKER_HOST", &url)
            .env("DOCKER_TLS_VERIFY", "1")
            .env("DOCKER_CERT_PATH", folder.path().to_str().unwrap())
    });
}

#[test]
fn a_server_that_another_authority_signed_is_refused() {
    let (ours, theirs) = (tempdir().unwrap(), tempdir().unwrap());
    let _ours = Proxy::tls(ours.path());
    let proxy = Proxy::tls(theirs.path());
    let finished = Tool::new("layer-analyzer")
        .args("analyze some-image")
        .args(&format!("--host tcp://localhost:{}", proxy.address.port()))
        .env("DOCKER_TLS_VERIFY", "1")
        .env("DOCKER_CERT_PATH", ours.path().to_str().unwrap())
        .run();
    assert!(
        finished.stderr.contains("certificate"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(3), "");
}

#[test]
fn a_docker_context() {
    let config = tempdir().unwrap();
    // Docker names the folder after the SHA-256 of the context's name, here `lab`.
    let digest = "a51146d38077ff992eba84cf1d5e9b249073503eb74868699016153b031a38f7";
    let folder = config.path().join("contexts/meta").join(digest);
    fs_err::create_dir_all(&folder).unwrap();
    let meta = r#"{"Name":"lab","Endpoints":{"docker":{"Host":"unix:///var/run/docker.sock"}}}"#;
    fs_err::write(folder.join("meta.json"), meta).unwrap();
    fs_err::write(
        config.path().join("config.json"),
        r#"{"currentContext":"lab"}"#,
    )
    .unwrap();
    build_and_analyze("context", |tool| {
        tool.env("DOCKER_CONFIG", config.path().to_str().unwrap())
    });
}

#[test]
fn another_machine_through_ssh() {
    // Stands in for ssh: checks what it is called with and, like the far side, speaks for the Engine.
    let folder = tempdir().unwrap();
    let ssh = folder.path().join("ssh");
    let script = "#!/bin/sh\n\
        case \"$*\" in\n\
        '-p 2222 -o ConnectTimeout=30 -T -- me@far docker system dial-stdio') exec docker system dial-stdio ;;\n\
        *) echo \"called with: $*\" >&2; exit 255 ;;\n\
        esac\n";
    fs_err::write(&ssh, script).unwrap();
    fs_err::set_permissions(&ssh, PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap()
    );
    build_and_analyze("ssh", |tool| {
        tool.args("--host ssh://me@far:2222").env("PATH", &path)
    });
}
