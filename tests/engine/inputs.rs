//! What of its inputs a step records, and what can be computed from a record.

use serde_json::{Value, json};
use std::path::Path;
use tests::chain;
use tests::docker::{Example, docker};
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

fn built(finished: tests::tool::Finished) -> Value {
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    assert_valid(&report);
    report
}

fn step<'a>(report: &'a Value, id: &str) -> &'a Value {
    let targets = report["data"]["targets"].as_array().unwrap();
    let mut steps = targets
        .iter()
        .flat_map(|target| target["steps"].as_array().unwrap());
    steps.find(|step| step["id"] == id).unwrap()
}

/// A build that needs no example: the Dockerfile's text in a folder with busybox.
fn folder(dockerfile: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let busybox = tests::tool::workspace_dir().join("examples/glossary/rootfs/bin/busybox");
    fs_err::copy(busybox, dir.path().join("busybox")).unwrap();
    fs_err::write(dir.path().join("Dockerfile"), dockerfile).unwrap();
    dir
}

fn build_in(dir: &Path, args: &str) -> Value {
    let tool = Tool::new("build-orchestrator").args("build --only --file Dockerfile");
    built(
        tool.args(args)
            .current_dir(dir)
            .env("XDG_CACHE_HOME", dir.to_str().unwrap())
            .run(),
    )
}

#[test]
fn a_run_records_the_variables_that_its_command_sees() {
    let dir = folder(
        "ARG G=global\nFROM scratch AS base\nCOPY busybox /bin/busybox\nARG A=arg\nENV B=env\nENV C=env\n\
         ARG C=arg\nARG G\nFROM base AS app\nARG NPM_TOKEN\nARG D=\"x $B y\"\n\
         RUN [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox env >/seen\"]\n\
         FROM scratch\nCOPY --from=app /seen /\n",
    );
    let report = build_in(
        dir.path(),
        "--build-arg NPM_TOKEN=hunter22 --build-arg UNUSED=1 --output out --output type=local,dest=out",
    );
    let run = &step(&report, "Dockerfile/app/1")["run"];
    assert_eq!(run["args"]["A"], "arg");
    assert_eq!(run["args"]["G"], "global");
    assert_eq!(run["args"]["D"], "x env y");
    assert_eq!(run["env"]["C"], "env");
    assert!(
        run["args"]["NPM_TOKEN"]
            .as_str()
            .unwrap()
            .starts_with("sha256:")
    );
    assert!(!report.to_string().contains("hunter22"));
}
