//! How steps run: network, names of hosts, which stages run again, a cache within the image.

use serde_json::Value;
use std::collections::BTreeSet;
use tests::docker::docker;
use tests::private::PrivateEngine;
use tests::project::{Made, target};
use tests::report::{assert_valid, parse_lines};

const BUSYBOX: &str =
    "FROM scratch AS first\nCOPY busybox own /bin/\nSHELL [\"/bin/busybox\", \"sh\", \"-c\"]\n";

fn project(name: &str, lines: &str) -> Made {
    let dockerfile = format!("{BUSYBOX}{lines}");
    Made::new(name, &[("Dockerfile", &dockerfile), ("own", "NAME")])
}

/// The lines that a build's steps printed.
fn printed(made: &Made, args: &str) -> Vec<String> {
    let args = format!("build --file Dockerfile --progress plain {args}");
    let run = made.tool(&args).run();
    assert_eq!(run.exit, Some(0), "{run:?}");
    let lines = run.stderr.lines();
    let printed = lines.filter_map(|line| Some(line.split_once(" | ")?.1.to_owned()));
    printed.collect()
}

/// Whether each step of an instruction came from the cache, by name.
fn cached(made: &Made, args: &str, name: &str) -> Vec<(String, Value)> {
    let args = format!("build --file Dockerfile {args}");
    let report = parse_lines(&made.tool(&args).run().expect_exit(0)).remove(0);
    assert_valid(&report);
    let steps = target(&report, name)["steps"].as_array().unwrap().clone();
    let instructions = steps.iter().filter(|step| step["kind"] == "instruction");
    instructions
        .map(|step| {
            let name = step["name"].as_str().unwrap();
            (name.to_owned(), step["cached"].clone())
        })
        .collect()
}

#[test]
fn steps_have_the_network_that_is_asked_for() {
    let made = project(
        "network",
        "RUN /bin/busybox sed -n 's/:.*//p' /proc/net/dev\n",
    );
    let interfaces = |args: &str| -> BTreeSet<String> {
        let lines = printed(&made, args);
        lines.iter().map(|line| line.trim().to_owned()).collect()
    };
    assert_eq!(
        interfaces("--network none"),
        BTreeSet::from(["lo".to_owned()])
    );
    let own = fs_err::read_to_string("/proc/net/dev").unwrap();
    let own = own.lines().filter_map(|line| line.split_once(':'));
    let own: BTreeSet<String> = own.map(|(name, _)| name.trim().to_owned()).collect();
    assert!(own.len() > 1, "{own:?}");
    // Others may start containers meanwhile, whose interfaces come and go.
    let lasting = |names: &BTreeSet<String>| -> BTreeSet<String> {
        let names = names.iter().filter(|name| !name.starts_with("veth"));
        names.cloned().collect()
    };
    assert_eq!(lasting(&interfaces("--network host")), lasting(&own));
}

#[test]
fn steps_resolve_the_names_that_are_added() {
    let made = project("hosts", "RUN /bin/busybox grep lucid /etc/hosts\n");
    let lines = printed(
        &made,
        "--add-host lucid.example=10.9.8.7 --add-host six.lucid.example=fd00::7",
    );
    let entries: Vec<Vec<&str>> = lines
        .iter()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        entries,
        [
            ["10.9.8.7", "lucid.example"],
            ["fd00::7", "six.lucid.example"]
        ]
    );
}

#[test]
fn only_the_stages_named_run_again() {
    let made = project(
        "filter",
        "RUN echo one > /one\nFROM first AS second\nRUN echo two > /two\nFROM second AS third\n",
    );
    let copy = "COPY busybox own /bin/".to_owned();
    let expected = |first: bool, second: bool| {
        let step = |name: &str, cached: bool| (name.to_owned(), Value::Bool(cached));
        [
            (copy.clone(), Value::Bool(first)),
            step("RUN echo one > /one", first),
            step("RUN echo two > /two", second),
        ]
    };
    assert_eq!(
        cached(&made, "--target third", "third"),
        expected(false, false)
    );
    assert_eq!(
        cached(&made, "--target third", "third"),
        expected(true, true)
    );
    assert_eq!(
        cached(&made, "--target third --no-cache-filter second", "third"),
        expected(true, false)
    );
}

#[test]
fn an_image_carries_its_own_cache_when_asked_to() {
    let made = project("inline", "RUN echo one > /one\n");
    let tag = format!("{}:cache", made.name());
    let args = format!("--target first --tag {tag} --network none --cache-to type=inline");
    cached(&made, &args, "first");
    let archive = made.path("image.tar");
    docker(&["save", "--output", archive.to_str().unwrap(), &tag]);
    let id = docker(&["image", "inspect", "--format", "{{.Id}}", &tag]);
    let config = format!("{}.json", id.trim_start_matches("sha256:"));
    let read = std::process::Command::new("tar")
        .args(["-xOf", archive.to_str().unwrap(), &config])
        .output()
        .unwrap();
    let config: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert!(config["moby.buildkit.cache.v0"].is_string(), "{config}");

    // An Engine that has the image alone takes all from it.
    let engine = PrivateEngine::start();
    let host = engine.host();
    let path = archive.to_str().unwrap();
    docker(&["--host", &host, "load", "--input", path]);
    let args = format!("--host {host} --target first --network none --cache-from {tag}");
    let steps = cached(&made, &args, "first");
    let hit = |name: &str| (name.to_owned(), Value::Bool(true));
    let expected = [hit("COPY busybox own /bin/"), hit("RUN echo one > /one")];
    assert_eq!(steps, expected);
}
