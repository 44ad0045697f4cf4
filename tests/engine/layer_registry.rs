//! Images of a registry, and the same image from every source.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tests::docker::{Example, docker};
use tests::registry::{Registry, breaking_way};
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Finished, Tool, workspace_dir};

/// Two images on one layer, which has two megabytes that cannot be compressed. The tag is the
/// registry's folder, so that no test builds what another one does.
struct Pair {
    registry: Registry,
}

const SHARED: &str = "FROM scratch\nCOPY own large /\n";

impl Pair {
    fn pushed_to(registry: Registry) -> Self {
        let dir = registry.project_dir();
        fs_err::write(dir.join("own"), dir.to_str().unwrap()).unwrap();
        fs_err::write(dir.join("large"), noise(2_000_000)).unwrap();
        for name in ["one", "two"] {
            fs_err::write(dir.join(name), name).unwrap();
            let file = dir.join(format!("{name}.Dockerfile"));
            fs_err::write(&file, format!("{SHARED}COPY {name} /{name}\n")).unwrap();
        }
        build_and_push(&registry, dir, "pair/", &["one", "two"]);
        Self { registry }
    }

    fn name(&self, host: &str, name: &str) -> String {
        let host = if host.is_empty() {
            &self.registry.host
        } else {
            host
        };
        format!("registry:{host}/pair/{name}")
    }

    /// The digests of the layers' blobs of one of the images, lowest first.
    fn layers(&self, name: &str) -> Vec<String> {
        let report = report(analyze(&[&self.name("", name)]));
        let layers = report["data"]["images"][0]["layers"].as_array().unwrap();
        let digest = |layer: &Value| layer["blob"]["digest"].as_str().unwrap().to_owned();
        layers.iter().map(digest).collect()
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        for name in ["one", "two"] {
            remove(&format!("{}/pair/{name}:1", self.registry.host));
        }
    }
}

/// Builds a Dockerfile for each name, `NAME.Dockerfile` in the folder, and pushes the images.
fn build_and_push(registry: &Registry, dir: &Path, repository: &str, names: &[&str]) {
    let services = names.iter().map(|name| {
        let image = format!("{}/{repository}{name}:1", registry.host);
        format!(
            "  {name}: {{image: '{image}', build: {{context: ., dockerfile: {name}.Dockerfile}}}}\n"
        )
    });
    let compose = format!("services:\n{}", services.collect::<String>());
    fs_err::write(dir.join("compose.yml"), compose).unwrap();
    Tool::new("build-orchestrator")
        .args("build --push --file")
        .arg(dir.join("compose.yml"))
        .env(
            "DOCKER_CONFIG",
            registry.docker_config(true).to_str().unwrap(),
        )
        .run()
        .expect_exit(0);
}

fn remove(image: &str) {
    // A failed test may not have made it.
    let _ = Command::new("docker")
        .args(["rmi", "--force", image])
        .output();
}

/// Bytes without a pattern: a linear congruential generator's upper ones.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn analyze(images: &[&str]) -> Finished {
    let tool = Tool::new("layer-analyzer").args("analyze");
    images.iter().fold(tool, Tool::arg).run()
}

#[track_caller]
fn report(finished: Finished) -> Value {
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    assert_valid(&report);
    report
}

/// What is the same wherever an image is read from. Not its name, which is what was asked for, nor
/// its tags, which only some sources know; and a registry keeps layers compressed that the Engine
/// hands out plain.
fn without_source(report: &Value) -> Value {
    let mut image = report["data"]["images"][0].clone();
    for layer in image["layers"].as_array_mut().unwrap() {
        layer.as_object_mut().unwrap().remove("blob");
    }
    let fields = image.as_object_mut().unwrap();
    fields.remove("name");
    fields.remove("tags");
    image
}

/// Files of every kind, and each thing that a layer can do to those below.
const TRAPS: &str = r#"FROM scratch
COPY busybox version /bin/
RUN ["/bin/busybox", "sh", "-c", "b=/bin/busybox; $b mkdir -p /a/b /c/d /var/cache; \
    $b dd if=/dev/zero of=/a/b/zeros bs=1000 count=100; $b cp /bin/version /a/one; \
    $b ln /a/one /a/two; $b ln -s ../a/one /c/link; $b cp /bin/version /c/d/x"]
RUN ["/bin/busybox", "chmod", "4755", "/a/one"]
RUN ["/bin/busybox", "rm", "-rf", "/c/d", "/a/b/zeros"]
ENV SOME=thing
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox cp /bin/version /a/b/other; /bin/busybox rm /c/link; /bin/busybox mkdir /c/link"]
"#;

#[test]
fn the_same_image_is_the_same_report_from_every_source() {
    let example = Example::new("layer-registry");
    let registry = Registry::open();
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs_err::write(path("traps.Dockerfile"), TRAPS).unwrap();
    for name in ["bin/busybox", "version"] {
        let from = example.path(&format!("rootfs/{name}"));
        fs_err::copy(from, path(name.trim_start_matches("bin/"))).unwrap();
    }
    let image = format!("{}/traps:1", registry.host);
    build_and_push(&registry, folder.path(), "", &["traps"]);
    docker(&["save", "--output", &path("saved.tar"), &image]);
    for (layout, compression) in [("plain", ""), ("gzip", "gzip")] {
        let script = workspace_dir().join("tests/fixtures/oci_layout.py");
        let mut python = Command::new("python3");
        python.arg(script).args([path("saved.tar"), path(layout)]);
        let made = python.args(Some(compression).filter(|name| !name.is_empty()));
        assert!(made.status().unwrap().success());
    }
    let packed = Command::new("tar")
        .args([
            "--create",
            "--file",
            &path("plain.tar"),
            "--directory",
            &path("plain"),
            ".",
        ])
        .status();
    assert!(packed.unwrap().success());

    let expected = report(analyze(&[&format!("engine:{image}")]));
    remove(&image);
    assert_eq!(
        expected["data"]["images"][0]["layers"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    for source in [
        path("saved.tar"),
        path("gzip"),
        format!("oci:{}", path("plain.tar")),
        format!("registry:{image}"),
    ] {
        let found = report(analyze(&[&source]));
        assert_eq!(
            without_source(&found),
            without_source(&expected),
            "{source}"
        );
    }
}

#[test]
fn a_layer_of_two_images_is_fetched_once() {
    let pair = Pair::pushed_to(Registry::open());
    let (one, two) = (pair.name("", "one:1"), pair.name("", "two:1"));
    let before = pair.registry.requests().len();
    let report = report(analyze(&[&one, &two]));
    let requests = pair.registry.requests().split_off(before);
    let images = report["data"]["images"].as_array().unwrap();
    let shared = images[0]["layers"][0]["blob"]["digest"].as_str().unwrap();
    assert_eq!(images[1]["layers"][0]["blob"]["digest"], shared);
    let is_fetch = |path: &&String| path.ends_with(shared);
    assert_eq!(requests.iter().filter(is_fetch).count(), 1, "{requests:#?}");

    let name = |name: &str| format!("{}/pair/{name}:1", pair.registry.host);
    assert_eq!(images[0]["name"], name("one"));
    assert_eq!(images[1]["tags"][0], name("two"));
    let sharing = &report["data"]["sharing"];
    assert_eq!(sharing["layers"][0]["node_copy_count"], 1);
    let size = |key: &str| sharing[key].as_u64().unwrap();
    let blob_bytes = images[0]["layers"][0]["blob"]["size_bytes"]
        .as_u64()
        .unwrap();
    assert_eq!(
        size("registry_sum_bytes") - size("registry_bytes"),
        blob_bytes
    );
    assert!(size("node_sum_bytes") - size("node_bytes") > 2_000_000);
}

#[test]
fn an_index_is_read_for_the_platform_that_is_wanted() {
    let pair = Pair::pushed_to(Registry::open());
    let entry = |name: &str, os: &str, architecture: &str| {
        let manifest = pair.registry.manifest(&format!("pair/{name}"), "1");
        let digest = pair.registry.digest(&format!("pair/{name}"), "1").unwrap();
        let entry = serde_json::json!({
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "digest": digest, "size": manifest.len(),
            "platform": { "os": os, "architecture": architecture },
        });
        (entry, manifest)
    };
    let (one, two) = (
        entry("one", "linux", "riscv64"),
        entry("two", "linux", "s390x"),
    );
    // An attestation of which nothing but the platform says that it is none.
    let attestation = entry("one", "unknown", "unknown");
    // A registry takes an index only when it has the manifests in the same repository.
    let media_type = "application/vnd.docker.distribution.manifest.v2+json";
    let manifest = String::from_utf8(two.1).unwrap();
    pair.registry.mount("pair/two", "pair/one", &manifest);
    pair.registry
        .put_manifest("pair/one", "two", media_type, &manifest);
    let index = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
        "manifests": [attestation.0, one.0, two.0],
    });
    let media_type = "application/vnd.docker.distribution.manifest.list.v2+json";
    pair.registry
        .put_manifest("pair/one", "both", media_type, &index.to_string());

    let both = pair.name("", "one:both");
    let found = report(analyze(&["--platform=linux/s390x", &both]));
    let expected = report(analyze(&[&pair.name("", "two:1")]));
    assert_eq!(without_source(&found), without_source(&expected));
    let refused = analyze(&[&both]);
    let choice = "choose one with `--platform`: `linux/riscv64`, `linux/s390x`";
    assert!(refused.stderr.contains(choice), "{}", refused.stderr);
    refused.expect_exit(2);
}

#[test]
fn a_registry_that_wants_a_login_gets_the_one_of_dockers_configuration() {
    let pair = Pair::pushed_to(Registry::started());
    let run = |config: &Path| {
        let path = std::env::var("PATH").unwrap();
        Tool::new("layer-analyzer")
            .args("analyze")
            .arg(pair.name("", "one:1"))
            .env("DOCKER_CONFIG", config.to_str().unwrap())
            .env("PATH", &format!("{}:{path}", config.display()))
            // Nobody has to be asked for what is on this machine.
            .env("HTTP_PROXY", "http://127.0.0.1:1")
            .run()
    };
    report(run(&pair.registry.docker_config(true)));
    report(run(&pair.registry.helper_config(true)));

    let nobody = TempDir::new().unwrap();
    for (config, advice) in [
        (
            nobody.path().to_owned(),
            "log in with `docker login 127.0.0.1:",
        ),
        (
            pair.registry.docker_config(false),
            "the login in docker's configuration is not valid",
        ),
        (
            pair.registry.helper_config(false),
            "`docker-credential-lucidtest` failed",
        ),
    ] {
        let refused = run(&config);
        let stderr = refused.stderr.clone();
        assert!(
            stderr.contains("does not let us read `127.0.0.1:"),
            "{stderr}"
        );
        assert!(stderr.contains(advice), "{stderr}");
        assert!(
            !stderr.contains("hunter22") && !stderr.contains("s3cret"),
            "{stderr}"
        );
        refused.expect_exit(2);
    }
}

#[test]
fn what_a_registry_does_not_have_is_named() {
    let pair = Pair::pushed_to(Registry::open());
    let refused = analyze(&[&pair.name("", "one:2")]);
    assert!(
        refused.stderr.contains("no image `127.0.0.1:"),
        "{}",
        refused.stderr
    );
    let nearest = format!("there is `{}/pair/one:1`", pair.registry.host);
    assert!(refused.stderr.contains(&nearest), "{}", refused.stderr);
    refused.expect_exit(2);

    let lowest = pair.layers("one:1").remove(0);
    fs_err::remove_file(pair.registry.blob_path(&lowest)).unwrap();
    let refused = analyze(&[&pair.name("", "one:1")]);
    let expected = format!("does not have `{lowest}`");
    assert!(refused.stderr.contains(&expected), "{}", refused.stderr);
    refused.expect_exit(2);
}

#[test]
fn a_blob_with_another_digest_is_refused() {
    let pair = Pair::pushed_to(Registry::open());
    let top = pair.layers("one:1").remove(1);
    let other = pair.layers("two:1").remove(1);
    let swapped = pair.registry.blob_path(&top);
    fs_err::copy(pair.registry.blob_path(&other), swapped).unwrap();
    let refused = analyze(&[&pair.name("", "one:1")]);
    for digest in [&top, &other] {
        assert!(
            refused.stderr.contains(digest.as_str()),
            "{}",
            refused.stderr
        );
    }
    refused.expect_exit(2);
}

#[test]
fn a_layer_that_breaks_off_is_begun_again_once() {
    let pair = Pair::pushed_to(Registry::open());
    let expected = report(analyze(&[&pair.name("", "one:1")]));
    let once = breaking_way(&pair.registry.host, 1_000_000, 1);
    let found = report(analyze(&[&pair.name(&once, "one:1")]));
    assert_eq!(without_source(&found), without_source(&expected));

    let always = breaking_way(&pair.registry.host, 1_000_000, usize::MAX);
    let broken = analyze(&[&pair.name(&always, "one:1")]);
    let lowest = &pair.layers("one:1")[0];
    let expected = format!("the connection to the registry `{always}` failed at `{lowest}`");
    assert!(broken.stderr.contains(&expected), "{}", broken.stderr);
    broken.expect_exit(3);
}

#[test]
fn nobody_at_the_port_is_an_error_of_its_own() {
    let registry = Registry::stopped();
    let broken = analyze(&[&format!("registry:{}/a:1", registry.host)]);
    assert!(
        broken.stderr.contains("Connection refused"),
        "{}",
        broken.stderr
    );
    broken.expect_exit(3);
    let malformed = analyze(&["registry:https://r.example/a"]);
    assert!(
        malformed.stderr.contains("registry:HOST[:PORT]/NAME"),
        "{}",
        malformed.stderr
    );
    malformed.expect_exit(2);
}
