//! Pruning the build cache of an Engine of its own: what goes, what stays, and what a build then finds.

use serde_json::Value;
use std::collections::HashSet;
use tempfile::TempDir;
use tests::docker::docker;
use tests::private::PrivateEngine;
use tests::project::{Made, target};
use tests::report::{assert_valid, kind, parse_lines};
use tests::tool::{Finished, Tool};

/// Two targets whose images are small: one that takes long and needs little room, and one that is quick
/// and large.
const COMPOSE: &str = "
services:
  dear:
    image: NAME-dear
    build: {context: ., dockerfile: dear, network: none}
  large:
    image: NAME-large
    build: {context: ., dockerfile: large, network: none}
";

const DEAR: &str = "FROM scratch AS work
COPY busybox /bin/sh
RUN echo dear && head -c 300000 /dev/urandom > /out && sleep 2
FROM scratch
COPY --from=work /out /out
";

const LARGE: &str = "FROM scratch AS work
COPY busybox /bin/sh
RUN echo large && head -c 5000000 /dev/urandom > /out && echo done > /small
FROM scratch
COPY --from=work /small /small
";

/// An Engine that has built the two targets, with the report of that.
struct Built {
    engine: PrivateEngine,
    made: Made,
    history: TempDir,
}

impl Built {
    fn new() -> Self {
        let files = [("compose.yml", COMPOSE), ("dear", DEAR), ("large", LARGE)];
        let built = Self {
            engine: PrivateEngine::start(),
            made: Made::new("prune", &files),
            history: tempfile::tempdir().unwrap(),
        };
        let report = built.build();
        fs_err::write(built.history.path().join("1.json"), report.to_string()).unwrap();
        built
    }

    fn build(&self) -> Value {
        let tool = self.made.tool("build --parallel 1 --host");
        let finished = tool.arg(self.engine.host()).run();
        parse_lines(&finished.expect_exit(0)).remove(0)
    }

    fn tool(&self, args: &str) -> Tool {
        let tool = Tool::new("cache-optimizer").args("prune --host");
        let tool = tool.arg(self.engine.host()).args("--history");
        tool.arg(self.history.path()).args(args)
    }

    fn prune(&self, args: &str) -> Value {
        report(self.tool(args).run(), 0)
    }

    /// The ids of all records, as the Engine has them.
    fn ids(&self) -> HashSet<String> {
        let report = self.prune("");
        let records = report["data"]["records"].as_array().unwrap();
        records.iter().map(id).collect()
    }
}

fn report(finished: Finished, exit: i32) -> Value {
    let report = parse_lines(&finished.expect_exit(exit)).remove(0);
    assert_valid(&report);
    assert_eq!(kind(&report), "prune");
    report
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// The record that the `RUN` of a target made.
fn record_of<'a>(report: &'a Value, name: &str) -> &'a Value {
    let records = report["data"]["records"].as_array().unwrap();
    let mut made = records.iter().filter(|record| {
        let step = &record["step"];
        step["target"] == name && step["text"].as_str().unwrap_or_default().starts_with("RUN")
    });
    made.next().expect("the step is joined to its record")
}

fn evicted(report: &Value) -> Vec<&Value> {
    let records = report["data"]["records"].as_array().unwrap();
    let evicted = records.iter().filter(|record| record["fate"] == "evicted");
    evicted.collect()
}

fn is_cached(report: &Value, name: &str, text: &str) -> bool {
    let steps = target(report, name)["steps"].as_array().unwrap();
    let of_text = |step: &&Value| step["name"].as_str().unwrap().starts_with(text);
    steps.iter().find(of_text).expect("it is there")["cached"] == true
}

/// A size that has room for the record of a target's `RUN` and what it lies upon.
fn room_for(report: &Value, name: &str) -> u64 {
    let records = report["data"]["records"].as_array().unwrap();
    let record = record_of(report, name);
    let parent = records
        .iter()
        .find(|other| other["id"] == record["parents"][0]);
    let size = |record: &Value| record["size_bytes"].as_u64().unwrap();
    size(record) + size(parent.expect("the record lies upon a copy")) + 1000
}

#[test]
fn a_prune_frees_what_it_says_and_keeps_the_dear_step_and_what_images_share() {
    let built = Built::new();
    let before = built.ids();
    let dry = built.prune("");
    assert_eq!(dry["data"]["outcome"], Value::Null);
    assert_eq!(record_of(&dry, "dear")["rebuild_basis"], "measured");
    assert!(record_of(&dry, "dear")["rebuild_ms"].as_u64() >= Some(2000));

    // A dry run plans, and changes nothing.
    let args = format!("--keep-bytes {}", room_for(&dry, "dear"));
    let dry = built.prune(&args);
    assert_eq!(record_of(&dry, "large")["fate"], "evicted");
    assert_eq!(record_of(&dry, "dear")["fate"], "kept");
    assert_eq!(built.ids(), before);

    let applied = built.prune(&format!("{args} --apply"));
    let gone: Vec<String> = evicted(&applied).into_iter().map(id).collect();
    let outcome = &applied["data"]["outcome"];
    assert_eq!(outcome["left"], Value::Array(Vec::new()));
    assert_eq!(outcome["deleted_count"], gone.len());
    assert_eq!(
        outcome["freed_bytes"],
        applied["data"]["totals"]["evicted_bytes"]
    );
    let after = built.ids();
    let left: HashSet<String> = before.into_iter().filter(|id| !gone.contains(id)).collect();
    assert_eq!(after, left);
    let stays = outcome["unshared_bytes"].as_u64().unwrap();
    assert!(stays <= room_for(&dry, "dear"), "{stays}");

    // What lies upon a record goes before it.
    for record in evicted(&applied) {
        let at = gone.iter().position(|one| *one == id(record));
        for parent in record["parents"].as_array().unwrap() {
            let parent = gone
                .iter()
                .position(|one| Some(one.as_str()) == parent.as_str());
            assert!(parent.is_none_or(|parent| at.unwrap() < parent));
        }
    }

    // A new instruction of the images needs the records of their work.
    for (name, text) in [("dear", DEAR), ("large", LARGE)] {
        built.made.write(
            name,
            &format!("{text}COPY compose.yml /\n").replace("/out /out\n", "/out /new\n"),
        );
    }
    let rebuilt = built.build();
    assert!(is_cached(&rebuilt, "dear", "RUN"));
    assert!(is_cached(&rebuilt, "large", "COPY --from"));
}

#[test]
fn the_oldest_goes_first_when_asked_to_and_a_rebuild_pays_for_it() {
    let built = Built::new();
    let dry = built.prune("");
    // All but the large step, which was made last, is too much.
    let keep_bytes = dry["data"]["totals"]["unshared_bytes"].as_u64().unwrap() - 1;
    let finished = built
        .tool(&format!("--keep-bytes {keep_bytes}"))
        .env("CACHE_STRATEGY", "lru")
        .run();
    let lru = report(finished, 0);
    assert_eq!(lru["data"]["strategy"], "lru");
    let oldest = evicted(&lru)[0]["idle_ms"].as_u64().unwrap();
    let records = lru["data"]["records"].as_array().unwrap();
    let kept = records.iter().filter(|record| record["fate"] == "kept");
    let is_older = |record: &&Value| record["idle_ms"].as_u64().unwrap() > oldest;
    let is_parent = |record: &Value| {
        records
            .iter()
            .any(|other| other["parents"][0] == record["id"])
    };
    assert_eq!(
        kept.filter(is_older)
            .filter(|record| !is_parent(record))
            .count(),
        0
    );

    let all = built.prune("--keep-bytes 0 --apply");
    assert_eq!(record_of(&all, "dear")["fate"], "evicted");
    built
        .made
        .write("dear", &DEAR.replace("/out /out\n", "/out /new\n"));
    assert!(!is_cached(&built.build(), "dear", "RUN"));
}

#[test]
fn a_budget_that_cannot_be_met_says_why_and_age_is_a_budget_too() {
    let built = Built::new();
    let before = built.ids();
    let finished = built
        .tool("--keep-bytes 0 --keep-newer-than 1h --apply")
        .run();
    let unmet = report(finished, 1);
    assert_eq!(unmet["verdict"], "fail");
    let message = unmet["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("newer than what may go"), "{message}");
    assert_eq!(built.ids(), before);

    // Nothing is a week old.
    let cleanup = |args: &str| {
        let tool = built.tool(args).env("CLEANUP_OLD_CACHES", "true");
        report(tool.run(), 0)
    };
    let cleaned = cleanup("");
    assert_eq!(cleaned["data"]["outcome"]["deleted_count"], 0);
    assert_eq!(cleaned["data"]["budget"]["keep_newer_than_ms"], 604_800_000);
    assert_eq!(cleanup("--dry-run")["data"]["outcome"], Value::Null);
    assert_eq!(built.ids(), before);

    let old = cleanup("--keep-newer-than 0s");
    assert_eq!(record_of(&old, "dear")["fate"], "evicted");
    let shared: Vec<_> = old["data"]["records"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|record| record["fate"] == "shared")
        .map(id)
        .collect();
    let after = built.ids();
    assert!(!shared.is_empty() && shared.iter().all(|id| after.contains(id)));
    let host = built.engine.host();
    let images = docker(&["--host", &host, "images", "--quiet"]);
    assert_eq!(images.lines().count(), 2);
}

#[test]
fn the_disk_of_an_engine_on_this_machine_can_be_asked_for_room() {
    let built = Built::new();
    let enough = built.prune("--min-free 1B");
    assert!(evicted(&enough).is_empty());
    assert!(enough["data"]["budget"]["free_bytes"].as_u64() > Some(1));
    let all = report(built.tool("--min-free 100%").run(), 1);
    assert!(!evicted(&all).is_empty());
    assert_eq!(all["findings"][0]["rule"], "budget-not-met");
}
