//! Pushing to a registry that wants a login, and pulling from it.

use std::process::Command;
use std::time::Duration;
use tests::registry::Registry;
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Finished, Tool};

/// A build of a compose file, with the registry in place of `HOST`.
fn tool(registry: &Registry, compose: &str, args: &str, has_password: bool) -> Tool {
    let dir = registry.project_dir();
    fs_err::write(
        dir.join("compose.yml"),
        compose.replace("HOST", &registry.host),
    )
    .unwrap();
    for (name, text) in DOCKERFILES {
        fs_err::write(dir.join(name), text.replace("HOST", &registry.host)).unwrap();
    }
    // The registry's folder has a name that no other test has, so that no step is shared.
    fs_err::write(dir.join("own"), dir.to_str().unwrap()).unwrap();
    Tool::new("build-orchestrator")
        .args("build --file")
        .arg(dir.join("compose.yml"))
        .args(args)
        .env(
            "DOCKER_CONFIG",
            registry.docker_config(has_password).to_str().unwrap(),
        )
}

const DOCKERFILES: [(&str, &str); 3] = [
    ("app.Dockerfile", "FROM scratch\nCOPY own /own\n"),
    ("broken.Dockerfile", "FROM scratch\nCOPY missing /\n"),
    ("derived.Dockerfile", "FROM HOST/app:1\nCOPY own /own2\n"),
];

const APP: &str = "
services:
  app:
    image: HOST/app:1
    build: {context: ., dockerfile: app.Dockerfile}
";

const BROKEN: &str = "
  broken:
    image: HOST/broken:1
    build: {context: ., dockerfile: broken.Dockerfile}
";

const DERIVED: &str = "
services:
  derived:
    image: HOST/derived:1
    build: {context: ., dockerfile: derived.Dockerfile}
";

fn target(json: &str) -> serde_json::Value {
    let report = &parse_lines(json)[0];
    assert_valid(report);
    report["data"]["targets"][0].clone()
}

fn remove(registry: &Registry, name: &str) {
    let image = format!("{}/{name}:1", registry.host);
    // A failed test has not made it.
    let _ = Command::new("docker")
        .args(["rmi", "--force", &image])
        .output();
}

#[test]
fn a_pushed_image_has_the_digest_that_its_registry_says() {
    let registry = Registry::started();
    let built = tool(&registry, APP, "--push", true).run().expect_exit(0);
    let pushed = &target(&built)["pushed"][0];
    assert_eq!(pushed["name"], format!("{}/app:1", registry.host));
    let digest = registry.digest("app", "1").expect("it was pushed");
    assert_eq!(pushed["digest"], digest);

    // Only the registry has it now, so the next build has to log in.
    remove(&registry, "app");
    let refused = tool(&registry, DERIVED, "", false).run();
    assert!(
        refused.stderr.contains(&registry.host),
        "{}",
        refused.stderr
    );
    assert_eq!(target(&refused.expect_exit(1))["error_kind"], "build");
    let pulled = tool(&registry, DERIVED, "", true).run().expect_exit(0);
    assert_eq!(target(&pulled)["status"], "built");
    remove(&registry, "derived");
}

#[test]
fn a_credential_helper_is_asked_and_a_broken_one_is_warned_of() {
    let registry = Registry::started();
    let with_helper = |works| {
        let dir = registry.helper_config(works);
        let path = std::env::var("PATH").unwrap();
        tool(&registry, APP, "--push", true)
            .env("DOCKER_CONFIG", dir.to_str().unwrap())
            .env("PATH", &format!("{}:{path}", dir.display()))
            .run()
    };
    let finished = with_helper(false);
    assert!(
        finished.stderr.contains("docker-credential-lucidtest"),
        "{}",
        finished.stderr
    );
    assert!(!finished.stderr.contains("s3cret"), "{}", finished.stderr);
    assert_eq!(target(&finished.expect_exit(1))["status"], "failed");
    let built = with_helper(true).expect_exit(0);
    let digest = registry.digest("app", "1").expect("it was pushed");
    assert_eq!(target(&built)["pushed"][0]["digest"], digest);
    remove(&registry, "app");
}

#[test]
fn a_wrong_password_is_an_error_that_names_the_registry_and_hides_the_password() {
    let registry = Registry::started();
    let finished = tool(&registry, APP, "--push", false).run();
    let stderr = finished.stderr.clone();
    let built = finished.expect_exit(1);
    let error = target(&built)["error"].to_string();
    assert!(
        error.contains(&format!("the registry `{}`", registry.host)),
        "{error}"
    );
    assert!(!built.contains("hunter22") && !stderr.contains("hunter22"));
    remove(&registry, "app");
}

#[test]
fn nothing_is_pushed_when_another_target_fails() {
    let registry = Registry::started();
    let compose = [APP, BROKEN].concat();
    let built = tool(&registry, &compose, "--push", true)
        .run()
        .expect_exit(1);
    assert_eq!(target(&built)["status"], "built");
    assert_eq!(registry.digest("app", "1"), None);
    remove(&registry, "app");
}

#[test]
fn a_registry_that_comes_back_is_tried_again() {
    let mut registry = Registry::started();
    let pushed = tool(&registry, APP, "--push", true).run().expect_exit(0);
    assert_eq!(target(&pushed)["status"], "built");
    remove(&registry, "app");
    registry.stop();
    let child = tool(&registry, DERIVED, "--retries 6", true).spawn();
    std::thread::sleep(Duration::from_secs(3));
    registry.start();
    let finished = Finished::from(child.wait_with_output().unwrap());
    let stderr = finished.stderr.clone();
    let target = target(&finished.expect_exit(0));
    assert!(target["attempt_count"].as_u64().unwrap() > 1, "{stderr}");
    assert!(stderr.contains("trying again in 1 s"), "{stderr}");
    remove(&registry, "derived");
}

#[test]
fn a_target_without_a_name_cannot_be_pushed() {
    let registry = Registry::stopped();
    let dir = registry.project_dir();
    fs_err::write(dir.join("Dockerfile"), "FROM scratch\nCOPY own /own\n").unwrap();
    let finished = Tool::new("build-orchestrator")
        .args("build --push --file")
        .arg(dir.join("Dockerfile"))
        .run();
    assert!(
        finished.stderr.contains("has no name to push it under"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(2), "");
}
