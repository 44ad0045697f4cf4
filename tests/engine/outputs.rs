//! Files, archives and images that a build writes.

use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use tests::docker::docker;
use tests::project::{Made, target};
use tests::report::{assert_valid, parse_lines};

const DOCKERFILE: &str = "FROM scratch AS app\nCOPY busybox /bin/busybox\nCOPY own /etc/own\n";

fn project(name: &str) -> Made {
    Made::new(name, &[("Dockerfile", DOCKERFILE), ("own", "NAME")])
}

/// Builds with an output. Returns the target.
fn built(made: &Made, args: &str) -> Value {
    let args = format!("build --file Dockerfile --target app {args}");
    let report = parse_lines(&made.tool(&args).run().expect_exit(0)).remove(0);
    assert_valid(&report);
    assert_eq!(report["verdict"], "pass");
    target(&report, "app").clone()
}

fn listed(archive: &std::path::Path) -> String {
    let output = Command::new("tar").arg("-tf").arg(archive).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[test]
fn a_folder_holds_the_results_files_and_no_image_is_made() {
    let made = project("local");
    let target = built(
        &made,
        "--output type=local,dest=out --output type=tar,dest=out.tar",
    );
    assert_eq!(target["image"], Value::Null);
    let own = fs_err::read_to_string(made.path("out/etc/own")).unwrap();
    assert_eq!(own, made.name());
    let busybox = made.path("out/bin/busybox");
    let mode = fs_err::metadata(&busybox).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    assert_eq!(
        fs_err::read(&busybox).unwrap(),
        fs_err::read(made.path("busybox")).unwrap()
    );

    let exported = target["exported"].as_array().unwrap();
    assert_eq!(
        (&exported[0]["kind"], &exported[0]["path"]),
        (&"local".into(), &"out".into())
    );
    let size = fs_err::metadata(&busybox).unwrap().len() + own.len() as u64;
    assert_eq!(exported[0]["size_bytes"], size);
    assert_eq!(exported[1]["kind"], "tar");
    let names = listed(&made.path("out.tar"));
    assert!(
        names.contains("etc/own\n") && names.contains("bin/busybox\n"),
        "{names}"
    );
    let left: Vec<_> = fs_err::read_dir(made.dir()).unwrap().collect();
    assert_eq!(left.len(), 5, "{left:?}");
}

#[test]
fn an_archive_for_docker_load_has_the_images_name() {
    let made = project("docker");
    let tag = format!("{}:1", made.name());
    let target = built(
        &made,
        &format!("--tag {tag} --output type=docker,dest=image.tar"),
    );
    assert_eq!(target["exported"][0]["kind"], "docker");
    assert!(target["exported"][0]["size_bytes"].as_u64().unwrap() > 1_000_000);
    docker(&["rmi", &tag]);
    let loaded = docker(&["load", "--input", made.path("image.tar").to_str().unwrap()]);
    assert!(loaded.contains(&tag), "{loaded}");
    let id = docker(&["image", "inspect", "--format", "{{.Id}}", &tag]);
    assert_eq!(target["image"]["id"], id);
}

#[test]
fn a_build_for_the_cache_alone_makes_nothing() {
    let made = project("cacheonly");
    let target = built(&made, "--output type=cacheonly");
    assert_eq!(
        (&target["image"], &target["exported"]),
        (&Value::Null, &Value::Array(Vec::new()))
    );
}

#[test]
fn outputs_without_a_place_are_refused() {
    let made = project("refused");
    let refused = made
        .tool("build --file Dockerfile --output type=tar,dest=-")
        .run();
    assert_eq!(refused.exit, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("name a file"), "{}", refused.stderr);
}

#[test]
fn the_trace_and_the_metadata_say_what_the_report_says() {
    let made = project("files");
    let tags = format!("{0}:1,{0}:2", made.name());
    let args = format!(
        "--tag {} --trace trace.json --metadata-file metadata.json",
        tags.replace(',', " --tag ")
    );
    let target = built(&made, &args);
    let read = |file: &str| -> Value {
        serde_json::from_str(&fs_err::read_to_string(made.path(file)).unwrap()).unwrap()
    };
    let id = docker(&[
        "image",
        "inspect",
        "--format",
        "{{.Id}}",
        tags.split(',').next().unwrap(),
    ]);
    let expected = serde_json::json!({ "app": {
        "containerimage.config.digest": id,
        "containerimage.digest": id,
        "image.name": tags,
    }});
    assert_eq!(read("metadata.json"), expected);

    let trace = read("trace.json");
    let events = trace["traceEvents"].as_array().unwrap();
    assert_eq!(events[0]["args"]["name"], "app");
    let started = target["steps"].as_array().unwrap().iter();
    let mut started: Vec<&Value> = started.filter(|s| !s["started_ms"].is_null()).collect();
    started.sort_by_key(|step| step["started_ms"].as_u64());
    assert_eq!(events.len(), 1 + started.len());
    for (step, event) in started.into_iter().zip(&events[1..]) {
        assert_eq!(event["args"]["step"], step["id"]);
        assert_eq!(event["ts"], step["started_ms"].as_u64().unwrap() * 1000);
        assert_eq!(event["dur"], step["duration_ms"].as_u64().unwrap() * 1000);
    }
    let left = fs_err::read_dir(made.dir()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().ends_with(".tmp")),
        "{left:?}"
    );
}

#[test]
fn what_a_build_exports_is_kept_under_its_digest() {
    let made = project("artifacts");
    let args =
        "--output type=local,dest=out --output type=image --artifacts kept --artifact-images";
    built(&made, &format!("{args} --tag {}:1", made.name()));
    let verified = made.tool("artifacts verify kept").run().expect_exit(0);
    let report = parse_lines(&verified).remove(0);
    assert_valid(&report);
    let artifacts = report["data"]["builds"][0]["artifacts"].as_array().unwrap();
    let kinds: Vec<&str> = artifacts
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["local", "image"]);
    for artifact in artifacts {
        let hex = artifact["digest"]
            .as_str()
            .unwrap()
            .trim_start_matches("sha256:");
        let path = made.path(&format!("kept/sha256/{hex}"));
        let output = Command::new("sha256sum").arg(&path).output().unwrap();
        assert!(String::from_utf8(output.stdout).unwrap().starts_with(hex));
        let file = if artifact["kind"] == "local" {
            "etc/own\n"
        } else {
            "manifest.json\n"
        };
        assert!(listed(&path).contains(file), "{artifact}");
    }
}
